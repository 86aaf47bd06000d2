/// <reference lib="esnext.disposable" preserve="true" />
import type { RetryOptions } from "@sluice/retry";
import type { Body } from "./body.ts";
import type { HeaderRecord } from "./header-map.ts";
import type { Timeouts } from "./timeouts.ts";

/** What a request needs besides its method and its path. */
export interface RequestOptions {
  /**
   * Whether it does no harm when the server gets it twice. If so, it is tried again after any failure that may pass;
   * else only where the server has certainly not acted on it: no connection was made, or it answered 429.
   */
  idempotent: boolean;
  /** Added to the address. Members that are undefined are left out. */
  query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** Win over the client's. An undefined value leaves the client's out. */
  headers?: HeaderRecord | undefined;
  body?: Body | undefined;
  /** An address in the body that is a credential, as a signed link is: its secrets are struck out of errors and events. */
  secret?: URL | undefined;
  /** Ends the request, its retries and the reading of its reply; they reject with its reason. */
  signal?: AbortSignal | undefined;
  /**
   * Told how many bytes of the body were taken since the last call. When the body is sent again, first a negative
   * number takes back all that the failed attempt had told: the sum is always that of the attempt in flight.
   */
  onSent?: ((bytes: number) => void) | undefined;
  /** @default the client's */
  retry?: RetryOptions | false | undefined;
  /** Each @default the client's */
  timeouts?: Timeouts | undefined;
  /** @default the client's */
  maxReply?: number | undefined;
}

/** The reply to a request, with a status from 200 to 299. Its body can be read once. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** What the provider's support asks for. */
  readonly requestId: string | undefined;
  /** Where it came from, after redirects; without user info and query. */
  readonly url: string;
  /**
   * The body, parsed.
   * @param is Says whether the value has the shape that is wanted.
   * @throws {HttpError} with the code "bad-reply" when it is no JSON, is cut off, or `is` says no.
   * @throws {TooLargeError} when it is larger than `maxReply`.
   */
  json<T = unknown>(is?: (value: unknown) => value is T): Promise<T>;
  /**
   * The body.
   * @throws {TooLargeError} when it is larger than `maxReply`.
   */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  /** The body as it comes, of any size. Cancel it, or read it to its end: it holds a connection. */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Sends requests. Holds connections; to be disposed. */
export interface HttpClient extends AsyncDisposable {
  /**
   * Sends a request and waits for the reply's headers.
   *
   * @param path Added to the base URL; or an absolute URL, which gets the client's headers only where it has the origin
   * of the base URL.
   * @throws {TypeError | RangeError} at once, when an option is not what it must be.
   * @throws {HttpError} for a status other than 2xx, and for no reply.
   * @throws {StalledError} when there is no progress for as long as `timeouts` say.
   * @throws {AbortSignal["reason"]} when the signal is or gets aborted.
   */
  request(method: string, path: string, options: RequestOptions): Promise<Reply>;
  /** Cuts what is in flight and closes all connections. What `[Symbol.asyncDispose]` calls. */
  close(): Promise<void>;
}
