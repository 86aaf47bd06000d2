import type { Journal, JournalWarning } from "@sluice/uploader";
import { FORMAT, type Recorded, readRecord, UNSURE } from "./_read-record.ts";

/** A job as a journal has it. */
export interface KeptJob {
  readonly key: string;
  /** What comes next. */
  readonly step: "send" | "start" | "task";
  /** Whether it may have been started, and it cannot be known. */
  readonly unknown: boolean;
  /** When that start was begun, where that is known. */
  readonly since: Date | undefined;
  /** What `start`, or the `send` that starts the task, resolved to; undefined where that is not written down. */
  readonly started: unknown;
  /** When the job was first run; undefined of one that an older release wrote down. */
  readonly createdAt: Date | undefined;
}

/**
 * Tells where a job stands that is written down in a journal, for those who show what there is to take up. It may be under
 * way: no lock is taken.
 *
 * @param warn is told of entries that could not be trusted, as by the journal's own `read`.
 * @returns undefined where there is nothing, or something else than a job.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readJob, runJob } from "@sluice/job";
 * import { memoryJournal } from "@sluice/uploader";
 *
 * const journal = memoryJournal();
 * const job = {
 *   key: "talk.mp4",
 *   journal,
 *   send: async () => "file-1",
 *   start: async () => Promise.reject(Object.assign(new Error("no credit"), { status: 402 })),
 *   task: () => ({ id: "never", read: async () => ({ state: "succeeded" as const }) }),
 * };
 * await assert.rejects(runJob(job), { message: "no credit" });
 * assert.equal((await readJob(journal, "talk.mp4"))?.step, "start");
 * ```
 */
export async function readJob(
  journal: Pick<Journal, "read" | "append">,
  key: string,
  warn?: (warning: JournalWarning) => void,
): Promise<KeptJob | undefined> {
  let damaged = false;
  const entries = await journal.read(key, (warning) => {
    damaged ||= warning.reason !== "torn" && warning.at !== undefined;
    warn?.(warning);
  });
  // It has been set aside by now. The next run must not take the key for one that was never used.
  if (damaged) await journal.append(key, { type: "job", format: FORMAT, afterDamage: true });
  const recorded: Recorded | undefined = damaged ? UNSURE : readRecord(entries);
  if (recorded === undefined) return undefined;
  const { sent, starting, started, createdAt } = recorded;
  return {
    key,
    step: started ? "task" : sent ? "start" : "send",
    unknown: starting !== undefined,
    since: starting?.at === undefined ? undefined : new Date(starting.at),
    started: started?.value,
    createdAt: createdAt === undefined ? undefined : new Date(createdAt),
  };
}
