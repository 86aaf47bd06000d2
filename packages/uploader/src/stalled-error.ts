/** An attempt to send a part stood still, or took far longer than those before it. It has been cut, and goes again. */
export class StalledError extends Error {
  override readonly name = "StalledError";
  readonly code = "stalled";
  readonly retryable = true;
  /** Whether no byte moved, or the time was up that such a part may take. */
  readonly limit: "stall" | "deadline";
  /** For how long, in milliseconds. */
  readonly timeout: number;

  constructor(limit: "stall" | "deadline", timeout: number) {
    super(
      limit === "stall"
        ? `Cannot send the part: not a byte of it moved for ${timeout} ms. Check the connection, or raise "stallTimeout".`
        : `Cannot send the part: it was not confirmed within ${timeout} ms, far more than parts of its size took before. Check the connection, or make the parts smaller.`,
    );
    this.limit = limit;
    this.timeout = timeout;
  }
}
