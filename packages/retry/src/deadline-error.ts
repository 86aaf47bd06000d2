/**
 * There was not enough time: the deadline passed, or the next attempt could only start after it.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { DeadlineError, retry } from "@sluice/retry";
 *
 * const busy = Object.assign(new Error("busy"), { retryable: true, retryAfter: 60_000 });
 * const error = await retry(() => Promise.reject(busy), { deadline: 1_000 }).catch((error: unknown) => error);
 * assert.ok(error instanceof DeadlineError);
 * assert.equal(error.code, "deadline");
 * assert.equal(error.attempts, 1); // nothing was waited for: a minute does not fit into a second
 * assert.equal(error.cause, busy);
 * ```
 */
export class DeadlineError extends Error {
  override readonly name: string = "DeadlineError";
  /** What to branch on, also across copies of this package. */
  readonly code = "deadline";
  /** There is no time left to try again in. */
  readonly retryable: boolean = false;
  /** Attempts that were started. */
  declare readonly attempts: number;
  /** The time there was, in milliseconds. */
  declare readonly deadline: number;

  /**
   * @param options `cause`: the error of the last attempt that failed, if one did
   * @param message for those who know better what it was that took too long
   */
  constructor(
    attempts: number,
    deadline: number,
    options?: ErrorOptions,
    message: string = `Gave up after ${attempts} attempts: deadline of ${deadline} ms`,
  ) {
    super(message, options);
    this.attempts = attempts;
    this.deadline = deadline;
  }
}
