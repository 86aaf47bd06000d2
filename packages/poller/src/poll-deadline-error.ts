import { DeadlineError } from "@sluice/retry";
import { nameOf } from "./_task-error.ts";
import type { PollState } from "./poll-state.ts";

/**
 * The deadline passed before the task ended, which it may still do.
 *
 * `cause` is the error of the last read that failed, if one did. With `state` the poll can be taken up again, given more
 * time:
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { PollDeadlineError, waitFor } from "@sluice/poller";
 *
 * let state: "running" | "succeeded" = "running";
 * const task = { id: "job-1", read: async () => ({ state, result: "done" }) };
 * const error = await waitFor(task, { deadline: 20 }).catch((error: unknown) => error);
 * assert.ok(error instanceof PollDeadlineError);
 * assert.equal(error.code, "deadline");
 *
 * state = "succeeded";
 * const resume = { ...error.state, deadline: Date.now() + 60_000 };
 * assert.equal(await waitFor(task, { resume }), "done");
 * ```
 */
export class PollDeadlineError extends DeadlineError {
  override readonly name: string = "PollDeadlineError";
  declare readonly id: string;
  declare readonly provider: string | undefined;
  /** The poll, written down. */
  declare readonly state: PollState;

  constructor(state: PollState, options?: ErrorOptions) {
    super(
      state.attempts,
      (state.deadline as number) - state.started,
      options,
      `${nameOf(state)} did not end before its deadline, in ${state.attempts} reads`,
    );
    this.id = state.id;
    this.provider = state.provider;
    this.state = state;
  }
}
