import { type RetryOptions, retry, untilAborted } from "@sluice/retry";
import type { Settings } from "./client-options.ts";
import { emitEvent, type HttpEvent } from "./events.ts";
import { Exchange, type Message } from "./exchange.ts";
import type { HttpClient, Reply, RequestOptions } from "./http-client.ts";
import { headersFor, MAX_REDIRECTS, redirectOf } from "./redirect.ts";
import { ReceivedReply } from "./reply.ts";
import { canSend, headersOf, markSpent, planRequest, type RequestPlan } from "./request-plan.ts";
import { isPublicHeader } from "./secrets.ts";
import type { Received, Transport } from "./transport.ts";

/** The client: what is the same on every runtime. How bytes get out and in is the transport's. */
export class Client implements HttpClient {
  readonly #settings: Settings;
  readonly #transport: Transport;
  /** No Set: a table that it has grown out of points to the next one, and what is in it passes for alive to V8. */
  readonly #live: Exchange[] = [];
  #closed = false;

  constructor(settings: Settings, transport: Transport) {
    this.#settings = settings;
    this.#transport = transport;
  }

  request(method: string, path: string, options: RequestOptions): Promise<Reply> {
    if (this.#closed) throw new TypeError("Cannot send a request: the client is closed");
    const plan = planRequest(this.#settings, method, path, options);
    if (plan.signal?.aborted) return Promise.reject(plan.signal.reason);
    const { clock, random } = this.#settings;
    if (plan.retry === false) {
      // One attempt, too, is to end at once when it is aborted, whatever it waits for.
      const once = () => this.#attempt(plan, 1);
      return plan.signal ? untilAborted(once, plan.signal) : once();
    }
    const policy: RetryOptions = plan.retry;
    const { retryable, onRetry, signal: stop } = policy;
    return retry(({ attempt, signal }) => this.#attempt(plan, attempt, signal), {
      clock,
      random,
      ...policy,
      signal: plan.signal && stop ? AbortSignal.any([plan.signal, stop]) : (plan.signal ?? stop),
      retryable: (error) => mayRepeat(plan, error) && (retryable?.(error) ?? Object(error).retryable === true),
      onRetry: (event) => {
        const { attempt, error, delay } = event;
        this.#emit(plan, { type: "retry", attempt, error, delay });
        onRetry?.(event);
      },
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const exchange of [...this.#live]) exchange.abort(closed());
    await this.#transport.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #attempt(plan: RequestPlan, attempt: number, signal?: AbortSignal): Promise<Reply> {
    const { clock, headers } = this.#settings;
    const start = clock.now();
    try {
      const message = this.#message(plan, await headers());
      this.#emit(plan, { type: "request", attempt, size: plan.body?.size });
      const incoming = await this.#follow(plan, message, signal);
      const { status } = incoming;
      const requestId = plan.call.requestId(incoming.headers);
      this.#emit(plan, { type: "reply", attempt, status, requestId, duration: clock.now() - start });
      if (status < 200 || status > 299) throw await plan.call.statusError(incoming);
      return new ReceivedReply(incoming, plan.call, plan.maxReply);
    } catch (error) {
      this.#emit(plan, { type: "failure", attempt, error, duration: clock.now() - start });
      throw error;
    }
  }

  #message(plan: RequestPlan, own: ReadonlyMap<string, string | undefined>): Message {
    const headers = headersOf(plan, this.#transport.defaults, own);
    const url = new URL(plan.url);
    url.username = "";
    url.password = "";
    const confidential = [...headers.keys()].some((name) => !isPublicHeader(name));
    return { method: plan.method, url, headers, confidential, body: plan.body };
  }

  /** Sends a message, and the one that a redirect asks for, and so on. */
  async #follow(plan: RequestPlan, first: Message, signal?: AbortSignal): Promise<Received> {
    let message = first;
    for (let hops = 0; ; hops += 1) {
      const incoming = await this.#send(plan, message, signal);
      const { status } = incoming;
      const redirect = redirectOf(incoming, message.method, message.url, canSend(message.body));
      if (!redirect) return incoming;
      if (incoming.body instanceof ReadableStream) incoming.body.cancel().catch(() => {});
      const refused = "refused" in redirect ? redirect.refused : hops === MAX_REDIRECTS && "it is one too many";
      if (refused || "refused" in redirect) {
        const reason = `the server answered ${status}, a redirect that is not followed: ${refused}`;
        throw plan.call.error({ code: "http", status, reason, retryable: false, reached: true }, incoming.headers);
      }
      const { url, method, withBody } = redirect;
      this.#emit(plan, { type: "redirect", status, to: plan.call.addressOf(url) });
      plan.call.redirected(url);
      const headers = headersFor(message.headers, message.url, url, withBody);
      const confidential = [...headers.keys()].some((name) => !isPublicHeader(name));
      message = { method, url, headers, confidential, body: withBody ? message.body : undefined };
    }
  }

  async #send(plan: RequestPlan, message: Message, signal?: AbortSignal): Promise<Received> {
    const exchange = new Exchange({
      transport: this.#transport,
      clock: this.#settings.clock,
      timeouts: plan.timeouts,
      call: plan.call,
      sent: plan.sent,
      signals: [plan.signal, signal],
      observed: plan.observed,
      onEnd: (ended) => this.#live.splice(this.#live.indexOf(ended), 1),
    });
    if (this.#closed) throw closed();
    this.#live.push(exchange);
    try {
      return await exchange.send(message);
    } catch (error) {
      exchange.end();
      throw error;
    } finally {
      if (exchange.spent && message.body) markSpent(message.body);
    }
  }

  #emit(plan: RequestPlan, event: EventOf<HttpEvent>): void {
    const { method, url } = plan.call;
    emitEvent(this.#settings.onEvent, { method, url, ...event } as HttpEvent);
  }
}

function closed(): DOMException {
  return new DOMException("The client was closed", "AbortError");
}

/** An event less what every event says. */
type EventOf<Event> = Event extends unknown ? Omit<Event, "method" | "url"> : never;

/**
 * Whether the request may go out again after this error: where it does no harm, or the server has certainly not acted on
 * it; and only if there still is a body to send.
 */
function mayRepeat({ idempotent, body }: RequestPlan, error: unknown): boolean {
  if (!canSend(body)) return false;
  const { reached, status } = Object(error) as { reached?: unknown; status?: unknown };
  return idempotent || reached === false || status === 429;
}
