import { type Body, checkBody } from "./body.ts";
import { Call } from "./call.ts";
import { checkMaxReply, checkRetry, type Settings } from "./client-options.ts";
import { describe } from "./describe.ts";
import { headerMap } from "./header-map.ts";
import type { RequestOptions } from "./http-client.ts";
import { requestUrl } from "./request-url.ts";
import { decode, Secrets } from "./secrets.ts";
import { SentCounter } from "./sent-counter.ts";
import { type ResolvedTimeouts, resolveTimeouts } from "./timeouts.ts";

/** A checked request: what all its attempts have in common. */
export interface RequestPlan {
  readonly call: Call;
  readonly method: string;
  /** With user info, if there is any. */
  readonly url: URL;
  readonly headers: ReadonlyMap<string, string | undefined>;
  /** Whether the client's own headers go with it. */
  readonly trusted: boolean;
  readonly body: Body | undefined;
  readonly idempotent: boolean;
  readonly retry: Settings["retry"];
  readonly timeouts: ResolvedTimeouts;
  readonly maxReply: number;
  readonly signal: AbortSignal | undefined;
  readonly sent: SentCounter;
  /** Whether somebody listens to `sent`. */
  readonly observed: boolean;
}

/** Bodies whose source could be read once, and has been. */
const spentBodies = new WeakSet<Body>();

/** Notes that a body's source has been begun, if it can be read once only. */
export function markSpent(body: Body): void {
  spentBodies.add(body);
}

/** Whether a body can go out (again). */
export function canSend(body: Body | undefined): boolean {
  return body === undefined || body.replayable || !spentBodies.has(body);
}

/** @throws {TypeError | RangeError} naming the option that is not what it must be. */
export function planRequest(settings: Settings, method: string, path: string, options: RequestOptions): RequestPlan {
  if (typeof method !== "string" || !/^[A-Z]+$/.test(method)) {
    const shown = typeof method === "string" ? JSON.stringify(method.slice(0, 20)) : describe(method);
    throw new TypeError(`Cannot send a request: "method" must be in capital letters, received ${shown}`);
  }
  const action = `Cannot send a ${method} request`;
  if (options === null || typeof options !== "object") {
    throw new TypeError(`${action}: the options must be an object, received ${describe(options)}`);
  }
  const { idempotent, query, headers, body, signal, onSent, retry = settings.retry } = options;
  const { maxReply = settings.maxReply } = options;
  if (typeof idempotent !== "boolean") {
    throw new TypeError(
      `${action}: "idempotent" must be true or false (does it do no harm when the server gets it twice?), received ${describe(idempotent)}`,
    );
  }
  if (onSent !== undefined && typeof onSent !== "function") {
    throw new TypeError(`${action}: "onSent" must be a function, received ${describe(onSent)}`);
  }
  if (signal !== undefined && typeof signal.addEventListener !== "function") {
    throw new TypeError(`${action}: "signal" must be an AbortSignal, received ${describe(signal)}`);
  }
  checkRetry(action, retry);
  checkMaxReply(action, maxReply);
  if (body !== undefined) {
    checkBody(action, body);
    if (method === "GET" || method === "HEAD") throw new TypeError(`${action}: it cannot carry a body`);
    if (!canSend(body)) {
      throw new TypeError(`${action}: the body comes from a stream, which can be sent once, and it has been`);
    }
  }
  const url = requestUrl(action, settings.baseUrl, path, query);
  const checked = headerMap(action, headers);
  const call = new Call(method, url, new Secrets(), settings.clock);
  if (options.secret) call.secrets.addUrl(options.secret);
  call.secrets.addHeaders(given(checked));
  if (settings.baseUrl) call.secrets.addUrl(settings.baseUrl);
  return {
    call,
    method,
    url,
    headers: checked,
    trusted: settings.baseUrl === undefined || settings.baseUrl.origin === url.origin,
    body,
    idempotent,
    retry,
    timeouts: resolveTimeouts(action, options.timeouts, settings.timeouts),
    maxReply,
    signal,
    sent: new SentCounter(onSent),
    observed: onSent !== undefined,
  };
}

/**
 * The headers of one attempt. The request's win over the body's type, that over the client's, those over the
 * transport's; an undefined one takes away what it would win over.
 */
export function headersOf(
  plan: RequestPlan,
  defaults: Readonly<Record<string, string>>,
  own: ReadonlyMap<string, string | undefined>,
): Map<string, string> {
  const headers = new Map<string, string | undefined>(Object.entries(defaults));
  const { username, password } = plan.url;
  if (username || password) headers.set("authorization", basic(username, password));
  if (plan.trusted) for (const [name, value] of own) headers.set(name, value);
  if (plan.body?.type !== undefined) headers.set("content-type", plan.body.type);
  for (const [name, value] of plan.headers) headers.set(name, value);
  const result = new Map(given(headers));
  plan.call.secrets.addHeaders(result);
  return result;
}

function given(headers: Iterable<readonly [string, string | undefined]>): [string, string][] {
  return [...headers].filter((entry): entry is [string, string] => entry[1] !== undefined);
}

function basic(username: string, password: string): string {
  const bytes = new TextEncoder().encode(`${decode(username)}:${decode(password)}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}
