const shown = (bytes: number): string => bytes.toLocaleString("en-US");

/** OneAI keeps no files: more bytes than go into a text are sent together with the steps that are to be run on them. */
export class NeedsStepsError extends Error {
  override readonly name = "NeedsStepsError";
  readonly code = "needs-steps";
  readonly retryable = false;
  /** Undefined where it is not known. */
  readonly size: number | undefined;
  readonly limit: number;

  constructor(name: string, size: number | undefined, limit: number) {
    const is = size === undefined ? "more" : `${shown(size)} bytes, more`;
    super(
      `Cannot send "${name}" to OneAI by itself: it is ${is} than the ${shown(limit)} of "base64Limit", and OneAI keeps no files. Call run(steps, input) or start(steps, input), which send it with its steps.`,
    );
    this.size = size;
    this.limit = limit;
  }
}
