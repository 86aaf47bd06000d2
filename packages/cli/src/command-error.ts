import { EXIT } from "./exit-code.ts";

/** A failure in words for people: one sentence says what happened, one what to do. */
export class CommandError extends Error {
  override readonly name: string = "CommandError";
  /** What to do about it. */
  readonly hint: string | undefined;
  readonly exitCode: number;

  constructor(message: string, hint?: string, exitCode: number = EXIT.failed, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
    this.exitCode = exitCode;
  }
}

/** The command line, or what it needs to run, is not right. */
export class UsageError extends CommandError {
  override readonly name = "UsageError";

  constructor(message: string, hint?: string) {
    super(message, hint, EXIT.usage);
  }
}
