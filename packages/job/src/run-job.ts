import { systemClock } from "@sluice/retry";
import { memoryJournal } from "@sluice/uploader";
import { expectJob } from "./_expect-job.ts";
import { follow } from "./_follow.ts";
import { JobRecord } from "./_job-record.ts";
import { JobSteps } from "./_job-steps.ts";
import type { AnyJob, SendJob, StartJob } from "./job.ts";
import type { JobOptions } from "./job-options.ts";

/**
 * Runs a job from its bytes to its result: sends, starts, follows. With a journal, a job that was interrupted, by `kill -9`
 * too, goes on where it stopped when the same call is made again; what was sent is not sent again, and what may have been
 * started is never started again unasked.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { runJob } from "@sluice/job";
 * import { memoryJournal } from "@sluice/uploader";
 *
 * const text = await runJob({
 *   key: "talk.mp4",
 *   journal: memoryJournal(),
 *   send: async () => "file-1",
 *   start: async (file) => ({ id: `transcription of ${file}` }),
 *   task: ({ id }) => ({ id, read: async () => ({ state: "succeeded", result: `the ${id}` }) }),
 * });
 * assert.equal(text, "the transcription of file-1");
 * ```
 *
 * @returns the task's result
 * @throws {TypeError | RangeError} for what is not what it must be, and for what `send` or `start` resolved to and is no JSON
 * @throws {StartUnknownError} when the job may have been started, and it cannot be known
 * @throws {NotRecordedError} when it was started, and the journal did not take that
 * @throws {LockedError} when the job is being run already
 * @throws {TaskFailedError | TaskCanceledError} when the task ended so; the job is forgotten, as after a success
 * @throws {PollDeadlineError} when the deadline passed first
 * @throws {AbortSignal["reason"]} when aborted
 * @throws what a step failed with, untouched, where it is certain that nothing was started
 */
export function runJob<Started, Result>(job: SendJob<Started, Result> & JobOptions<Started, Result>): Promise<Result>;
export function runJob<Sent, Started, Result>(
  job: StartJob<Sent, Started, Result> & JobOptions<Started, Result>,
): Promise<Result>;
export async function runJob<Result>(job: AnyJob<Result> & JobOptions<unknown, Result>): Promise<Result> {
  expectJob(job);
  const { signal, onEvent, clock = systemClock, key = "", journal = memoryJournal() } = job;
  signal?.throwIfAborted();
  const lock = await journal.lock(key);
  try {
    const record = new JobRecord(journal, key, clock, (event) => onEvent?.(event));
    const decided = job.startAgain === true || job.started !== undefined;
    const found = await record.open(decided);
    signal?.throwIfAborted();
    const started = await new JobSteps(job, record).started(found);
    return await follow(job.task(started), job, record, found ?? {});
  } finally {
    await lock[Symbol.asyncDispose]();
  }
}
