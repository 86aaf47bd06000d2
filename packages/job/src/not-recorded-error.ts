import { nameOf } from "./start-unknown-error.ts";

/** The job was started, and the journal did not take what was started: a run after this one could not know of it. */
export class NotRecordedError extends Error {
  override readonly name = "NotRecordedError";
  readonly code = "not-recorded";
  readonly retryable = false;
  readonly key: string | undefined;
  /** What was started: keep it. The task goes on. */
  readonly started: unknown;

  constructor(key: string | undefined, started: unknown, options: ErrorOptions) {
    const why = Object(options.cause).message;
    super(
      `Cannot write down what ${nameOf(key)} started: ${why}. It is running. Run the job again with "started", which this error has.`,
      options,
    );
    this.key = key;
    this.started = started;
  }
}
