import type { Clock } from "@sluice/retry";
import { collectBytes } from "@sluice/streams";
import { type Body, segmentsOf } from "./body.ts";
import type { Call } from "./call.ts";
import { NetworkFailure } from "./network-failure.ts";
import { SegmentReader } from "./segment-reader.ts";
import type { SentCounter } from "./sent-counter.ts";
import { isSmallReply } from "./small-reply.ts";
import { StalledError } from "./stalled-error.ts";
import type { ResolvedTimeouts } from "./timeouts.ts";
import type { Incoming, Outgoing, Received, Transport } from "./transport.ts";
import { Watch } from "./watch.ts";

export interface ExchangeOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly timeouts: ResolvedTimeouts;
  readonly call: Call;
  readonly sent: SentCounter;
  /** Each ends the exchange with its reason, until the reply has been read. */
  readonly signals: readonly (AbortSignal | undefined)[];
  /** Whether a listener wants to know what is sent, byte by byte. */
  readonly observed: boolean;
  /** Called once, when nothing is in flight any more. */
  onEnd(exchange: Exchange): void;
}

/** What is sent, less what the exchange knows itself. */
export type Message = Pick<Outgoing, "method" | "url" | "headers" | "confidential"> & { body: Body | undefined };

/** One message and its reply, until that has been read, cancelled or has failed. */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #stop = new AbortController();
  readonly #watch: Watch;
  #over = false;
  #spent = false;

  constructor(options: ExchangeOptions) {
    const { clock, timeouts, call, sent } = options;
    this.#options = options;
    this.#watch = new Watch(
      clock,
      timeouts,
      (phase, timeout) => this.abort(new StalledError(phase, timeout, call.method, call.url)),
      (bytes) => sent.add(bytes),
    );
  }

  /** Whether a source that can be read only once has been begun. */
  get spent(): boolean {
    return this.#spent;
  }

  readonly #onAbort = (event: Event): void => this.abort((event.target as AbortSignal).reason);

  abort(reason: unknown): void {
    this.#stop.abort(reason);
    this.end();
  }

  /** Lets go of timers and signals. */
  end(): void {
    this.#watch.end();
    for (const signal of this.#options.signals) signal?.removeEventListener("abort", this.#onAbort);
    if (this.#over) return;
    this.#over = true;
    this.#options.onEnd(this);
  }

  /** Sends one message and waits for the headers of its reply, and for all of a small one. */
  async send({ body, ...message }: Message): Promise<Received> {
    const { transport, call, sent, observed, signals } = this.#options;
    const { signal } = this.#stop;
    for (const each of signals) each?.throwIfAborted();
    for (const each of signals) each?.addEventListener("abort", this.#onAbort);
    const segments = body && segmentsOf(body);
    const reader = segments && new SegmentReader(segments);
    let failed: { reason: unknown } | undefined;
    sent.restart();
    this.#watch.connecting();
    try {
      const incoming = await transport.send({
        ...message,
        body: body &&
          segments &&
          reader && {
            segments,
            reader,
            size: body.size,
            spend: () => {
              this.#spent = true;
            },
            fail(reason) {
              failed ??= { reason };
            },
          },
        observed: observed && body !== undefined,
        signal,
        watch: this.#watch,
      });
      this.#watch.end();
      return await this.#received(incoming);
    } catch (error) {
      signal.throwIfAborted();
      if (failed) throw failed.reason;
      throw error instanceof NetworkFailure ? call.networkError(error) : error;
    } finally {
      this.#spent ||= reader?.spent === true;
    }
  }

  async #received({ body = new Uint8Array(), ...head }: Incoming): Promise<Received> {
    if (body instanceof Uint8Array) {
      this.end();
      return { ...head, body };
    }
    const guarded = this.#guard(body, head);
    return { ...head, body: isSmallReply(head.headers) ? await collectBytes(guarded) : guarded };
  }

  /** A reply's body that is timed while it is being waited for, ends with the signal, and fails with errors of ours. */
  #guard(
    body: ReadableStream<Uint8Array<ArrayBuffer>>,
    head: Omit<Incoming, "body">,
  ): ReadableStream<Uint8Array<ArrayBuffer>> {
    const reader = body.getReader();
    const { signal } = this.#stop;
    const { call } = this.#options;
    let onAbort: () => void;
    return new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        start(controller) {
          onAbort = () => controller.error(signal.reason);
          signal.addEventListener("abort", onAbort);
        },
        pull: async (controller) => {
          this.#watch.receiving();
          try {
            const { done, value } = await reader.read();
            this.#watch.idle();
            if (signal.aborted) return;
            if (!done) return controller.enqueue(value);
            controller.close();
          } catch (error) {
            if (signal.aborted) return;
            controller.error(call.networkError(error, head));
          }
          signal.removeEventListener("abort", onAbort);
          this.end();
        },
        cancel: (reason) => {
          signal.removeEventListener("abort", onAbort);
          this.end();
          return reader.cancel(reason);
        },
      },
      { highWaterMark: 0 },
    );
  }
}
