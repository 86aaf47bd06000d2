/** What is known of a request that failed. Texts in it must be free of secrets. */
export interface HttpFailure {
  /** `"http"`: a failure status, or no reply at all. `"bad-reply"`: one that is not what was asked for. */
  code: "http" | "bad-reply";
  method: string;
  /** Without user info and query. */
  url: string;
  /** What went wrong, to stand behind "Cannot GET https://…: ". */
  reason: string;
  status?: number | undefined;
  requestId?: string | undefined;
  retryAfter?: number | undefined;
  body?: unknown;
  retryable: boolean;
  reached: boolean;
  cause?: unknown;
}

/**
 * A request got a failure status, no reply, or a reply that is not what was asked for. No field, nor what `util.inspect`
 * shows, holds a credential: values of the client's headers, user info and the values of queries are struck out.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createClient, HttpError } from "@sluice/http";
 *
 * // Nobody listens on port 9 of this machine.
 * await using client = createClient({ baseUrl: "http://127.0.0.1:9", retry: false });
 * const error = await client.request("GET", "/jobs", { idempotent: true }).catch((error: unknown) => error);
 * assert.ok(error instanceof HttpError);
 * assert.equal(error.status, undefined);
 * assert.equal(error.retryable, true);
 * assert.equal(error.reached, false);
 * ```
 */
export class HttpError extends Error {
  override readonly name: string = "HttpError";
  readonly code: "http" | "bad-reply";
  /** Whether the same request may go well at another time. Whether it may be *sent* again is the caller's to know. */
  readonly retryable: boolean;
  /** False where it is certain that the server has not got the request. */
  readonly reached: boolean;
  /** Undefined where there was no reply. */
  readonly status: number | undefined;
  /** What the provider's support asks for. */
  readonly requestId: string | undefined;
  /** Milliseconds that the server asks to be left alone. */
  readonly retryAfter: number | undefined;
  /** The reply's body: parsed where it is JSON, else the beginning of its text. */
  readonly body: unknown;
  readonly method: string;
  /** Without user info and query. */
  readonly url: string;

  constructor(failure: HttpFailure) {
    const { code, method, url, reason, status, requestId, retryAfter, body, retryable, reached, cause } = failure;
    const id = requestId === undefined ? "" : ` (request ${requestId})`;
    super(`Cannot ${method} ${url}: ${reason}${id}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = retryable;
    this.reached = reached;
    this.status = status;
    this.requestId = requestId;
    this.retryAfter = retryAfter;
    this.body = body;
    this.method = method;
    this.url = url;
  }
}
