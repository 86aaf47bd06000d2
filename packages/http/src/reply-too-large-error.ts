/** A reply held more bytes than `maxReply`, and was to be held in memory. */
export class ReplyTooLargeError extends Error {
  override readonly name = "ReplyTooLargeError";
  readonly code = "too-large";
  readonly retryable = false;
  /** The most bytes that were to be taken. */
  readonly limit: number;
  /** The bytes that had come when it was noticed. */
  readonly received: number;
  readonly method: string;
  /** Without user info and query. */
  readonly url: string;

  constructor(limit: number, received: number, method: string, url: string) {
    super(
      `Cannot read the reply to ${method} ${url}: it has at least ${received} bytes and the limit is ${limit}. Raise "maxReply", or read it by stream()`,
    );
    this.limit = limit;
    this.received = received;
    this.method = method;
    this.url = url;
  }
}
