/** What a request was doing: making a connection, sending its body, waiting for the reply's headers, reading its body. */
export type Phase = "connect" | "send" | "headers" | "receive";

const WAITED_FOR: Readonly<Record<Phase, string>> = {
  connect: "no connection was made",
  send: "not a byte of the body was taken",
  headers: "no reply came",
  receive: "not a byte of the reply came",
};

/** A request made no progress for as long as its timeouts allow. The connection is cut. */
export class StalledError extends Error {
  override readonly name = "StalledError";
  readonly code = "stalled";
  readonly retryable = true;
  /** False where it is certain that the server has not got the request. */
  readonly reached: boolean;
  /** What was waited for. */
  readonly phase: Phase;
  /** For how long, in milliseconds. */
  readonly timeout: number;
  readonly method: string;
  /** Without user info and query. */
  readonly url: string;

  constructor(phase: Phase, timeout: number, method: string, url: string) {
    super(`Cannot ${method} ${url}: ${WAITED_FOR[phase]} for ${timeout} ms`);
    this.reached = phase !== "connect";
    this.phase = phase;
    this.timeout = timeout;
    this.method = method;
    this.url = url;
  }
}
