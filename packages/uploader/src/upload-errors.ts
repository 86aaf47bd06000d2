import type { Cleanup } from "./upload-event.ts";

/** A formatter of one's own, made when this is loaded, would cost 8 MiB and 25 ms. */
const shown = (bytes: number): string => bytes.toLocaleString("en-US");

/** What all errors of an upload have. */
abstract class UploadError extends Error {
  abstract readonly code: string;
  readonly retryable = false;
  /** How the clean-up went, where there was something to clean up. */
  readonly cleanup?: Cleanup;

  constructor(name: string, target: string, what: string, options?: ErrorOptions) {
    super(`Cannot upload "${name}" to ${target}: ${what}`, options);
  }
}

/** The file does not fit into the target. */
export class TooLargeError extends UploadError {
  override readonly name = "TooLargeError";
  readonly code = "too-large";
  /** Of the file; of what was read of it, where its size was not known. */
  readonly size: number;
  readonly limit: number;

  constructor(name: string, target: string, size: number, limit: number) {
    const what = `it is ${shown(size)} bytes and one upload holds at most ${shown(limit)}.`;
    super(name, target, `${what} Split it, or store it elsewhere and pass a URL.`);
    this.size = size;
    this.limit = limit;
  }
}

/** The target must be told the size first, and the source does not know it. */
export class NeedsSizeError extends UploadError {
  override readonly name = "NeedsSizeError";
  readonly code = "needs-size";

  constructor(name: string, target: string) {
    super(name, target, 'its size must be known first. Give "size", or "spool": a folder for a temporary copy.');
  }
}

/** The completion got no clear answer: the upload may exist, or not. */
export class CompletionUnknownError extends UploadError {
  override readonly name = "CompletionUnknownError";
  readonly code = "completion-unknown";
  /** What the target calls the upload: what is needed to ask about it. */
  readonly session: unknown;
  /** The upload's key, where it is written down in a journal. */
  readonly key: string | undefined;

  constructor(name: string, target: string, session: unknown, key: string | undefined, options?: ErrorOptions) {
    const forget = key === undefined ? "" : " If it is not there, remove its key from the journal first.";
    super(
      name,
      target,
      `its completion got no clear answer. Look for it there before sending it again.${forget}`,
      options,
    );
    this.session = session;
    this.key = key;
  }
}

/** The target has given the upload up: it took longer than uploads live there, or was cancelled by somebody else. */
export class ExpiredError extends UploadError {
  override readonly name = "ExpiredError";
  readonly code = "expired";

  constructor(name: string, target: string, options?: ErrorOptions) {
    super(name, target, "it has expired or was cancelled there. Upload it anew.", options);
  }
}
