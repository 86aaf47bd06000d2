import { type Clock, type RetryOptions, systemClock } from "@sluice/retry";
import { describe } from "./describe.ts";
import type { HttpEvent } from "./events.ts";
import { type HeaderRecord, headerMap } from "./header-map.ts";
import { parseBaseUrl } from "./request-url.ts";
import { type ResolvedTimeouts, resolveTimeouts, type Timeouts } from "./timeouts.ts";

/** Options of `createClient`. */
export interface ClientOptions {
  /** What the paths of requests are added to: absolute, http: or https:. User info in it becomes Basic authorization. */
  baseUrl?: string | URL | undefined;
  /**
   * Sent with every request to the origin of the base URL (to any, without one), and to no other. A function is asked
   * before each attempt, so that a key can be rotated.
   */
  headers?: HeaderRecord | (() => HeaderRecord | Promise<HeaderRecord>) | undefined;
  /** When to try again; `false` for never. @default the defaults of `@sluice/retry` */
  retry?: RetryOptions | false | undefined;
  timeouts?: Timeouts | undefined;
  /** The most bytes of a reply that `json()` and `bytes()` take. @default 1_048_576 */
  maxReply?: number | undefined;
  /** A fetch of one's own, in place of the runtime's way. */
  fetch?: typeof globalThis.fetch | undefined;
  /** A dispatcher of undici of one's own, in Node and Deno. It is not closed with the client. */
  dispatcher?: DispatcherLike | undefined;
  /**
   * A proxy's address; `true` for those that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name. In Node and Deno.
   * @default false
   */
  proxy?: boolean | string | URL | undefined;
  /**
   * Whether to speak HTTP/2 with servers that do, in Node and Deno; elsewhere the runtime decides. All requests to a
   * server then share one connection, which is the slower way to send large bodies.
   * @default false
   */
  allowH2?: boolean | undefined;
  /** Told what happens; the same is published on the diagnostics channel "sluice:http", where there is one. */
  onEvent?: ((event: HttpEvent) => void) | undefined;
  /** @default {systemClock} */
  clock?: Clock | undefined;
  /** From 0 to below 1, for the jitter of retries. @default {Math.random} */
  random?: (() => number) | undefined;
}

/** The part of undici's Dispatcher that is needed, so that no Node types are. */
export interface DispatcherLike {
  dispatch(options: never, handler: never): boolean;
}

/** Checked options, with defaults filled in. */
export interface Settings {
  readonly baseUrl: URL | undefined;
  readonly headers: () => Promise<Map<string, string | undefined>>;
  readonly retry: RetryOptions | false;
  readonly timeouts: ResolvedTimeouts;
  readonly maxReply: number;
  readonly onEvent: ((event: HttpEvent) => void) | undefined;
  readonly clock: Clock;
  readonly random: (() => number) | undefined;
}

const ACTION = "Cannot create a client";

/** @throws {TypeError | RangeError} naming the option that is not what it must be. */
export function resolveOptions(options: ClientOptions): Settings {
  if (options === null || typeof options !== "object") {
    throw new TypeError(`${ACTION}: the options must be an object, received ${describe(options)}`);
  }
  const { headers, retry = {}, maxReply = 1024 * 1024, onEvent, clock = systemClock, random } = options;
  for (const name of ["onEvent", "random", "fetch"] as const) {
    const given = options[name];
    if (given !== undefined && typeof given !== "function") {
      throw new TypeError(`${ACTION}: ${JSON.stringify(name)} must be a function, received ${describe(given)}`);
    }
  }
  checkRetry(ACTION, retry);
  checkMaxReply(ACTION, maxReply);
  const fixed = typeof headers === "function" ? undefined : headerMap(ACTION, headers);
  return {
    baseUrl: parseBaseUrl(ACTION, options.baseUrl),
    headers: async () => fixed ?? headerMap("Cannot send a request", await (headers as () => HeaderRecord)()),
    retry,
    timeouts: resolveTimeouts(ACTION, options.timeouts),
    maxReply,
    onEvent,
    clock,
    random,
  };
}

export function checkMaxReply(action: string, maxReply: unknown): asserts maxReply is number {
  if (typeof maxReply !== "number") {
    throw new TypeError(`${action}: "maxReply" must be a number, received ${describe(maxReply)}`);
  }
  if (!(maxReply >= 0)) throw new RangeError(`${action}: "maxReply" must be 0 or more, received ${maxReply}`);
}

export function checkRetry(action: string, retry: unknown): asserts retry is RetryOptions | false {
  if (retry === false || (typeof retry === "object" && retry !== null)) return;
  throw new TypeError(`${action}: "retry" must be an object or false, received ${describe(retry)}`);
}
