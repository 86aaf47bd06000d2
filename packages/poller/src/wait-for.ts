import { type Poll, poll } from "./poll.ts";
import type { PollOptions } from "./poll-options.ts";
import type { Snapshot, Task } from "./task.ts";
import { TaskCanceledError } from "./task-canceled-error.ts";
import { TaskFailedError } from "./task-failed-error.ts";

/**
 * Follows a task to its end, and resolves with what came out of it.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { waitFor } from "@sluice/poller";
 *
 * const jobs = new Map([["job-1", { done: false, output: "" }]]);
 * setTimeout(() => jobs.set("job-1", { done: true, output: "42" }), 30);
 *
 * const answer = await waitFor(
 *   {
 *     id: "job-1",
 *     async read() {
 *       const job = jobs.get("job-1");
 *       return { state: job?.done ? "succeeded" : "running", result: job?.output };
 *     },
 *   },
 *   { interval: 10, deadline: 60_000 },
 * );
 * assert.equal(answer, "42");
 * ```
 *
 * @returns the `result` of the last snapshot
 * @throws {TypeError | RangeError} at once, when the task, an option or a written-down poll is not what it must be
 * @throws {TaskFailedError} when the task failed
 * @throws {TaskCanceledError} when the task was cancelled
 * @throws {PollDeadlineError} when the deadline passed first; it says how to go on
 * @throws {BadReplyError} when a snapshot means nothing
 * @throws {AbortSignal["reason"]} when `signal` is or gets aborted
 * @throws the error of a read that was not tolerated, untouched
 */
export function waitFor<Result>(task: Task<Result>, options?: PollOptions<Result>): Promise<Result> {
  return resultOf(task, poll(task, options));
}

async function resultOf<Result>(task: Task<Result>, snapshots: Poll<Result>): Promise<Result> {
  let last!: Snapshot<Result>;
  for await (const snapshot of snapshots) last = snapshot;
  if (last.state === "succeeded") return last.result as Result;
  throw new (last.state === "failed" ? TaskFailedError : TaskCanceledError)(task as Task, last);
}
