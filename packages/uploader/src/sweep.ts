import { type Clock, systemClock } from "@sluice/retry";
import { cancelWithin } from "./cancel-within.ts";
import type { Journal } from "./journal.ts";
import { LockedError } from "./locked-error.ts";
import type { PartTarget } from "./part-target.ts";
import { readRecord } from "./read-record.ts";

/** Options of `sweep`. */
export interface SweepOptions {
  /** Leaves uploads alone that were begun less than so many milliseconds ago. @default 0 */
  olderThan?: number | undefined;
  /** How long each cancellation may take. @default 5_000 */
  cleanupTimeout?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Where time comes from, for tests. */
  clock?: Clock | undefined;
}

/** What a sweep found, as keys of the journal. */
export interface SweepReport {
  /** Cancelled at their target, and forgotten. */
  readonly canceled: string[];
  /** Had been completed, and are forgotten. */
  readonly completed: string[];
  /** In progress. */
  readonly locked: string[];
  /** Younger than `olderThan`. */
  readonly young: string[];
  /** Of no target that was given, or no uploads at all: left as they are. */
  readonly foreign: string[];
  /** It cannot be told whether they were completed: left as they are. */
  readonly unknown: string[];
  /** Could not be cancelled: left as they are. */
  readonly failed: { readonly key: string; readonly error: unknown }[];
}

/**
 * Cancels the uploads that crashed or aborted processes left behind, at those of the `targets` that they went to. What is
 * in progress is left alone; what could have been resumed cannot be any more.
 *
 * @throws {AbortSignal["reason"]} when aborted; what was cancelled by then is.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { memoryJournal, sweep } from "@sluice/uploader";
 * import { MemoryTarget } from "@sluice/uploader/testing";
 *
 * const { canceled, failed } = await sweep(memoryJournal(), [new MemoryTarget()]);
 * assert.deepEqual([canceled, failed], [[], []]);
 * ```
 */
export async function sweep(
  journal: Journal,
  targets: readonly Pick<PartTarget<never, unknown, unknown>, "name" | "cancel" | "inspect">[],
  { olderThan = 0, cleanupTimeout = 5_000, signal, clock = systemClock }: SweepOptions = {},
): Promise<SweepReport> {
  const report: SweepReport = {
    canceled: [],
    completed: [],
    locked: [],
    young: [],
    foreign: [],
    unknown: [],
    failed: [],
  };
  for await (const key of journal.list()) {
    signal?.throwIfAborted();
    try {
      const lock = await journal.lock(key);
      try {
        report[await sweepOne(key)].push(key);
      } finally {
        await lock[Symbol.asyncDispose]();
      }
    } catch (error) {
      if (error instanceof LockedError) report.locked.push(key);
      else report.failed.push({ key, error });
    }
  }
  return report;

  async function sweepOne(key: string): Promise<Exclude<keyof SweepReport, "failed" | "locked">> {
    const recorded = readRecord(await journal.read(key));
    const target = targets.find(({ name }) => name === recorded?.target);
    if (!recorded || !target) return "foreign";
    if (clock.now() - recorded.createdAt < olderThan) return "young";
    const session = recorded.session as never;
    if (recorded.completing) {
      const context = { signal: signal ?? new AbortController().signal, attempt: 1, sent: () => {} };
      const state = (await target.inspect?.(session, context))?.state ?? "unknown";
      if (state === "unknown") return "unknown";
      if (state !== "open") {
        await journal.remove(key);
        return state === "completed" ? "completed" : "canceled";
      }
    }
    await cancelWithin(target, session, cleanupTimeout, clock);
    await journal.remove(key);
    return "canceled";
  }
}
