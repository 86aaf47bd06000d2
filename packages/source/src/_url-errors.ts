import { redactCause, redactUrl } from "./_redact.ts";
import { UrlError } from "./url-error.ts";

/** What a refusal is turned into. A server's trouble may pass; what it does not have, it will not have later. */
export function statusError(url: URL, status: number): UrlError {
  const retryable = status >= 500 || status === 408 || status === 425 || status === 429;
  return new UrlError(`the server answered ${status}`, { code: "http", retryable, url: redactUrl(url), status });
}

/** What an answer against the rules is turned into: asked again, the server would answer the same. */
export function badReplyError(url: URL, { status }: Response, received: string): UrlError {
  return new UrlError(`the server sent ${received}`, {
    code: "bad-reply",
    retryable: false,
    url: redactUrl(url),
    status,
  });
}

/** What is said when there is no answer at all. */
export function unreachableError(url: URL, error: unknown): UrlError {
  const cause = redactCause(error, url);
  return new UrlError(`the request failed (${cause.message})`, {
    code: "http",
    retryable: true,
    url: redactUrl(url),
    cause,
  });
}

/** What is said when a body ends too early. */
export function brokenOffError(url: URL, error?: unknown): UrlError {
  return new UrlError("the transfer broke off", {
    code: "http",
    retryable: true,
    url: redactUrl(url),
    cause: error === undefined ? undefined : redactCause(error, url),
  });
}

/** What is said of a redirect that is not followed. */
export function redirectError(url: URL, problem: string, status?: number): UrlError {
  return new UrlError(problem, { code: "http", retryable: false, url: redactUrl(url), status });
}
