/** More or fewer bytes came than were announced. */
export class SizeMismatchError extends Error {
  override readonly name = "SizeMismatchError";
  readonly code = "size-mismatch";
  readonly retryable = false;
  /** The size that was announced. */
  readonly expected: number;
  /** The bytes that had come when it was noticed; there may be more. */
  readonly received: number;

  constructor(what: string, expected: number, received: number) {
    super(
      `Cannot use ${what}: ${received < expected ? "it ended after" : "it has at least"} ${received} bytes, and its size was given as ${expected}`,
    );
    this.expected = expected;
    this.received = received;
  }
}
