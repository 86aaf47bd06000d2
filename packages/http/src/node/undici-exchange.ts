import type { Socket } from "node:net";
import { setImmediate } from "node:timers";
import type { Clock } from "@sluice/retry";
import type { Dispatcher } from "undici";
import { inMemory, SMALL_BODY } from "../in-memory.ts";
import { NetworkFailure } from "../network-failure.ts";
import { ParsedHeaders } from "../reply-headers.ts";
import { isSmallReply } from "../small-reply.ts";
import type { Incoming, Outgoing } from "../transport.ts";
import { BodyPump } from "./body-pump.ts";
import type { BufferPool } from "./buffer-pool.ts";
import { onConnection } from "./sockets.ts";

/** Bytes of a reply that are taken before its reader asks: so that a small one ends, and its connection is free, unread. */
const REPLY_AHEAD = 64 * 1024;

export interface UndiciExchangeOptions {
  readonly outgoing: Outgoing;
  readonly clock: Clock;
  readonly pool: BufferPool | undefined;
  tcpOf(socket: Socket): Socket;
}

/** One request as undici's handler sees it. */
export class UndiciExchange implements Dispatcher.DispatchHandler {
  readonly #options: UndiciExchangeOptions;
  readonly #reply = Promise.withResolvers<Incoming>();
  readonly #pump: BodyPump | undefined;
  readonly #memory: Uint8Array<ArrayBuffer> | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #stream: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  /** A small reply. A stream for each would keep all that belongs to its request alive for several rounds of V8's collector. */
  #small: { readonly head: Omit<Incoming, "body">; readonly chunks: Uint8Array[] } | undefined;
  #socket: Socket | undefined;
  #over = false;

  constructor(options: UndiciExchangeOptions) {
    this.#options = options;
    const { outgoing, clock, pool } = options;
    const { body, watch } = outgoing;
    this.#memory = body && inMemory(body.segments, SMALL_BODY);
    if (body && !this.#memory) {
      this.#pump = new BodyPump({ body, watch, clock, pool, onFailure: () => this.#cut() });
    }
  }

  send(dispatcher: Dispatcher): Promise<Incoming> {
    const { method, url, headers, body, signal } = this.#options.outgoing;
    const sent = this.#pump ?? this.#memory;
    const all = [...headers].flat();
    if (body?.size !== undefined) all.push("content-length", String(body.size));
    if (sent) {
      onConnection(sent, (socket) => {
        this.#socket = socket;
        if (this.#pump) this.#pump.socket = socket;
      });
    }
    signal.addEventListener("abort", this.#onAbort);
    try {
      dispatcher.dispatch(
        {
          origin: url.origin,
          path: url.pathname + url.search,
          method,
          headers: all,
          // Anything that can be iterated is a body; the types do not say so.
          body: (sent as Uint8Array | undefined) ?? null,
          headersTimeout: 0,
          bodyTimeout: 0,
        },
        this,
      );
    } catch (error) {
      this.#fail(error);
    }
    return this.#reply.promise;
  }

  readonly #onAbort = (): void => {
    const { reason } = this.#options.outgoing.signal;
    // The source is told the caller's reason, not that its connection has gone.
    this.#end(reason);
    this.#cut();
    this.#controller?.abort(reason);
    this.#reply.reject(reason);
    this.#stream?.error(reason);
  };

  /** Resets the connection: a body that breaks off must not look like one that ended. */
  #cut(): void {
    const tcp = this.#socket && this.#options.tcpOf(this.#socket);
    // A TLS socket behind a proxy cannot be reset, and is only closed.
    if (tcp && !tcp.destroyed && !("encrypted" in tcp)) tcp.resetAndDestroy?.();
    this.#socket?.destroy();
  }

  #end(reason: unknown): void {
    this.#over = true;
    this.#options.outgoing.signal.removeEventListener("abort", this.#onAbort);
    this.#pump?.stop(reason);
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#end(error);
    const failure = new NetworkFailure(error, this.#controller !== undefined && !wasRefused(error), this.#small?.head);
    this.#reply.reject(failure);
    this.#stream?.error(failure);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    const { signal, watch } = this.#options.outgoing;
    if (signal.aborted) controller.abort(signal.reason);
    else watch.connected();
  }

  onRequestSent(): void {
    if (this.#over || this.#pump) return;
    const { watch } = this.#options.outgoing;
    if (this.#memory) watch.taken(this.#memory.byteLength);
    if (this.#stream === undefined && this.#small === undefined) watch.sentAll();
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    received: Record<string, string | string[] | undefined>,
  ): void {
    // Interim replies, such as 103 Early Hints, come before the one that counts.
    if (status < 200) return;
    if (status >= 300) this.#pump?.hold();
    const head = { status, headers: new ParsedHeaders(received) };
    if (isSmallReply(head.headers)) {
      this.#small = { head, chunks: [] };
      this.#options.outgoing.watch.receiving();
      return;
    }
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        start: (stream) => {
          this.#stream = stream;
        },
        pull: () => controller.resume(),
        cancel: (reason) => {
          this.#stream = undefined;
          if (this.#over) return;
          this.#end(reason);
          controller.abort(reason instanceof Error ? reason : new Error("The reply was not wanted"));
        },
      },
      { highWaterMark: REPLY_AHEAD, size: (chunk) => chunk.byteLength },
    );
    this.#reply.resolve({ ...head, body });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer<ArrayBuffer>): void {
    if (this.#over) return;
    if (this.#small) {
      this.#small.chunks.push(chunk);
      this.#options.outgoing.watch.receiving();
    } else if (this.#stream) {
      this.#stream.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      if ((this.#stream.desiredSize ?? 0) <= 0) controller.pause();
    }
  }

  onResponseEnd(): void {
    if (this.#over) return;
    this.#end(new Error("The reply ended before the body did"));
    // undici takes a connection for busy until the next turn, which it asks for after this call: a caller who sends his
    // next request at once would open another one.
    queueMicrotask(() => setImmediate(() => this.#ended()));
  }

  #ended(): void {
    // Copied once more: what Buffer makes may lie in a pool.
    if (this.#small)
      this.#reply.resolve({ ...this.#small.head, body: new Uint8Array(Buffer.concat(this.#small.chunks)) });
    else this.#stream?.close();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error);
  }
}

/** HTTP/2's REFUSED_STREAM says that nothing was done with the request (RFC 9113, section 8.7). */
function wasRefused(error: unknown): boolean {
  return Object(error).http2ErrorCode === 7;
}
