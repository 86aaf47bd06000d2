import type { Cleanup } from "./upload-event.ts";

const count = new Intl.NumberFormat("en-US");

/** The file does not fit into the target. */
export class TooLargeError extends Error {
  override readonly name = "TooLargeError";
  readonly code = "too-large";
  readonly retryable = false;
  /** Of the file; of what was read of it, where its size was not known. */
  readonly size: number;
  readonly limit: number;
  /** How the clean-up went, where there was something to clean up. */
  readonly cleanup?: Cleanup;

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
      `Cannot upload "${name}" to ${target}: it must know the size first, and this source does not tell it. Give the "size", or "spool": a folder where a temporary copy of it may lie.`,
    );
  }
}

/** The completion got no clear answer: the upload may exist, or not. */
export class CompletionUnknownError extends Error {
  override readonly name = "CompletionUnknownError";
  readonly code = "completion-unknown";
  readonly retryable = false;
  /** What the target calls the upload: what is needed to ask about it. */
  readonly session: unknown;
  /** The upload's key, where it is written down in a journal. */
  readonly key: string | undefined;

  constructor(name: string, target: string, session: unknown, key: string | undefined, options?: ErrorOptions) {
    const forget = key === undefined ? "" : " If it is not there, remove its key from the journal and upload it anew.";
    super(
      `Cannot tell whether "${name}" was uploaded to ${target}: its completion got no clear answer. Look for it there before sending it again.${forget}`,
      options,
    );
    this.session = session;
    this.key = key;
  }
}

/** The target has given the upload up: it took longer than uploads live there, or was cancelled by somebody else. */
export class ExpiredError extends Error {
  override readonly name = "ExpiredError";
  readonly code = "expired";
  readonly retryable = false;

  constructor(name: string, target: string, state: "expired" | "canceled", options?: ErrorOptions) {
    super(
      `Cannot upload "${name}" to ${target}: the upload ${state === "expired" ? "has expired" : "was cancelled"} there. Upload it anew.`,
      options,
    );
  }
}
