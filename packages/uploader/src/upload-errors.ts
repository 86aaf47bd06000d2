const count = new Intl.NumberFormat("en-US");

/** The file does not fit into the target. */
export class TooLargeError extends Error {
  override readonly name = "TooLargeError";
  readonly code = "too-large";
  readonly retryable = false;
  readonly size: number;
  readonly limit: number;

  constructor(name: string, target: string, size: number, limit: number) {
    super(
      `Cannot upload "${name}" to ${target}: it is ${count.format(size)} bytes and one upload holds at most ${count.format(limit)}. Split it, or store it elsewhere and pass a URL.`,
    );
    this.size = size;
    this.limit = limit;
  }
}

/** The target must be told the size first, and the source does not know it. */
export class NeedsSizeError extends Error {
  override readonly name = "NeedsSizeError";
  readonly code = "needs-size";
  readonly retryable = false;

  constructor(name: string, target: string) {
    super(
      `Cannot upload "${name}" to ${target}: it must know the size first, and this source does not tell it. Give the source a "size", or write it to a file and upload that.`,
    );
  }
}

/** The completion got no clear answer: the upload may exist, or not. */
export class CompletionUnknownError extends Error {
  override readonly name = "CompletionUnknownError";
  readonly code = "completion-unknown";
  readonly retryable = false;
  /** What the target needs to be asked about it. */
  readonly session: unknown;

  constructor(name: string, target: string, session: unknown, options: ErrorOptions) {
    super(
      `Cannot tell whether "${name}" was uploaded to ${target}: its completion got no clear answer. Look for it there before sending it again.`,
      options,
    );
    this.session = session;
  }
}
