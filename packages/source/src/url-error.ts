/** What went wrong at a server. */
export interface UrlErrorOptions {
  code: "http" | "bad-reply";
  retryable: boolean;
  /** Address, without user info and query. */
  url: string;
  status?: number | undefined;
  cause?: unknown;
}

/**
 * A server could not be reached or refused (`code: "http"`), or answered against the rules (`code: "bad-reply"`).
 * Holds no credential: addresses are without user info and query, and so are the messages of causes.
 */
export class UrlError extends Error {
  override readonly name = "UrlError";
  readonly code: "http" | "bad-reply";
  readonly retryable: boolean;
  /** Address, without user info and query. */
  readonly url: string;
  /** HTTP status, where there was a reply. */
  readonly status: number | undefined;

  constructor(what: string, { code, retryable, url, status, cause }: UrlErrorOptions) {
    super(`Cannot read ${JSON.stringify(url)}: ${what}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = retryable;
    this.url = url;
    this.status = status;
  }
}
