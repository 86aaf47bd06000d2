import { startTimer, systemClock } from "@sluice/retry";
import { cancelTask } from "./_cancel-task.ts";
import { expectPoll, expectTask } from "./_expect-poll.ts";
import { Watch } from "./_watch.ts";
import { PollDeadlineError } from "./poll-deadline-error.ts";
import type { PollOptions } from "./poll-options.ts";
import type { PollState } from "./poll-state.ts";
import type { Snapshot, Task } from "./task.ts";

/** A task being followed. It reads when it is asked for the next snapshot, and only then. */
export interface Poll<Result = unknown> extends AsyncIterable<Snapshot<Result>, undefined, void> {
  /** There is one row of snapshots: whoever iterates goes on where the last one stopped. */
  [Symbol.asyncIterator](): AsyncIterator<Snapshot<Result>, undefined, void>;
  /** The poll, written down at any moment. */
  toJSON(): PollState;
  /**
   * Takes a snapshot that came by another way, such as a verified webhook: it is the next one of the row, and if it is
   * final the last one. What comes after the end is ignored.
   *
   * @throws {BadReplyError} when it is no snapshot; the poll goes on
   */
  notify(snapshot: Snapshot<Result>): void;
}

/**
 * Follows a task: one snapshot a round, the last one final.
 *
 * Nothing is read before the first snapshot is asked for, and none while the loop's body runs. Leaving the loop ends
 * everything; the remote task goes on.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { poll, type Task } from "@sluice/poller";
 *
 * const states = ["queued", "running", "succeeded"] as const;
 * const task: Task = { id: "job-1", read: async ({ attempt }) => ({ state: states[attempt - 1] ?? "succeeded" }) };
 *
 * const first = poll(task, { interval: 10, deadline: 60_000 });
 * for await (const { state } of first) if (state === "running") break;
 *
 * // Perhaps in another process: the deadline is still that of the first.
 * const resume = JSON.parse(JSON.stringify(first));
 * const rest = await Array.fromAsync(poll(task, { resume }));
 * assert.deepEqual(rest, [{ state: "succeeded" }]);
 * ```
 *
 * @param task what to follow
 * @throws {TypeError | RangeError} at once, when the task, an option or a written-down poll is not what it must be
 */
export function poll<Result>(task: Task<Result>, options: PollOptions<Result> = {}): Poll<Result> {
  const { resume, signal, clock = systemClock } = options;
  expectTask(task as Task<never>, resume);
  expectPoll("poll", options as PollOptions<never>);
  const watch = new Watch(task, options, clock, resume);
  const onAbort = (): void => watch.cut?.(signal?.reason);
  /** The next snapshot; `notify` may be quicker than a read. */
  let news: Snapshot<Result> | undefined;
  let left = false;

  /** Sleeps until the next read is due, or reads. Resolves when there is something to do, or when it is cut. */
  const step = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const now = clock.now();
      const reading = now >= watch.due;
      const end = reading ? watch.readEnd : watch.due;
      const callOff = startTimer(clock, Math.min(end, watch.until) - now, () => {
        if (reading && end < watch.until) watch.stall();
        else watch.cut?.();
      });
      const done = (snapshot?: Snapshot<Result>, failure?: { readonly error: unknown }): void => {
        callOff();
        news ??= snapshot;
        if (failure) reject(failure.error);
        else resolve();
      };
      if (reading) watch.read(done);
      else watch.cut = () => done();
    });

  async function* rounds(): AsyncGenerator<Snapshot<Result>, undefined, void> {
    while (news || !watch.over) {
      signal?.addEventListener("abort", onAbort);
      try {
        for (;;) {
          // Whatever ends a sleep or a read, here is why.
          if (left) return undefined;
          signal?.throwIfAborted();
          if (news) break;
          if (clock.now() >= watch.until) throw watch.late();
          await step();
        }
      } catch (error) {
        // What a read made of the abort is not the reason.
        const reason = signal?.aborted ? signal.reason : error;
        const asked = signal?.aborted
          ? options.cancelOnAbort
          : reason instanceof PollDeadlineError && options.cancelOnDeadline;
        if (asked) await cancelTask(watch, options, clock);
        throw reason;
      } finally {
        signal?.removeEventListener("abort", onAbort);
      }
      const snapshot = news;
      news = undefined;
      options.onSnapshot?.(snapshot, task);
      yield snapshot;
    }
    return undefined;
  }

  const iterator = rounds();
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => iterator.next(),
      return() {
        left = true;
        watch.cut?.();
        return iterator.return(undefined);
      },
    }),
    notify(snapshot) {
      if (watch.over) return;
      news = watch.accept(snapshot);
      watch.cut?.();
    },
    toJSON: () => watch.toJSON(),
  };
}
