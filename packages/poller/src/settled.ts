import type { PollState } from "./poll-state.ts";
import type { Snapshot, Task } from "./task.ts";

/** The last snapshot of a task, as a `PollStream` gives it. */
export interface Settled<Result = unknown> extends Snapshot<Result> {
  /** The task that was written. */
  readonly task: Task<Result>;
  /**
   * Only where the end of the task was not seen, and `error` says why: the poll, to be taken up again. Without it
   * `"failed"` is the provider's own word.
   */
  readonly pending?: PollState;
}
