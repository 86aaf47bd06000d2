/** Where a task stands; the last three are final. */
export type TaskState = "queued" | "running" | "succeeded" | "failed" | "canceled";

/** One answer to the question how a task is doing. */
export interface Snapshot<Result = unknown> {
  /** Anything else is passed on as `"running"`, and tolerated for ten minutes. */
  state: TaskState;
  /** What came out of it, when it succeeded. */
  result?: Result | undefined;
  /** Why it failed; the `cause` of the `TaskFailedError`. */
  error?: unknown;
  /** From 0 to 1. Other values are dropped. */
  progress?: number | undefined;
  /** Milliseconds for which the server wants to be left alone: a floor for the next read. Negative ones are dropped. */
  retryAfter?: number | undefined;
  /** The provider's own reply. */
  raw?: unknown;
}

/** What `read` and `cancel` are given. */
export interface TaskContext {
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Reads begun for this task, this one included; a poll that is taken up again counts on. */
  readonly attempt: number;
}

/**
 * Something that goes on elsewhere, and can be asked how it is doing.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { type Task, waitFor } from "@sluice/poller";
 *
 * const task: Task<string> = {
 *   id: "job-1",
 *   async read({ attempt }) {
 *     return attempt < 3 ? { state: "running", progress: attempt / 3 } : { state: "succeeded", result: "done" };
 *   },
 * };
 * assert.equal(await waitFor(task, { interval: 10 }), "done");
 * ```
 */
export interface Task<Result = unknown> {
  /** The provider's name for it. */
  readonly id: string;
  /** Who gave the id. In a `PollStream`, tasks of the same provider and id are one task. */
  readonly provider?: string | undefined;
  /**
   * Asks once, with the client's own retries off. An error with `retryable: true` is tolerated within the budget, its
   * `retryAfter` in milliseconds is a floor, and `status` 404 or 422 may mean "not yet".
   */
  read(context: TaskContext): Promise<Snapshot<Result>>;
  /** Asks for the task to be stopped. Left out where the provider has no such thing. */
  cancel?(context: TaskContext): Promise<void>;
}
