import { systemClock, within } from "@sluice/retry";
import { expectPoll, expectTask } from "./_expect-poll.ts";
import { rulesOf } from "./_rules.ts";
import { stateOf, watchOf } from "./_watch.ts";
import { PollDeadlineError } from "./poll-deadline-error.ts";
import type { PollOptions } from "./poll-options.ts";
import type { PollState } from "./poll-state.ts";
import { StalledError } from "./stalled-error.ts";
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
  const { resume, signal, clock = systemClock, readTimeout = 60_000 } = options;
  expectTask(task as Task<never>, resume);
  expectPoll("poll", options as PollOptions<never>);
  const rules = rulesOf(options, clock);
  const watch = watchOf(task, clock, options.deadline, resume);
  /** The next snapshot; `notify` may be quicker than a read. */
  let news: Snapshot<Result> | undefined;
  /** Cuts the sleep or the read under way, if there is one. */
  let cut: ((reason: unknown) => void) | undefined;

  /** Sleeps until the next read is due, or reads. Resolves when there is something to do, whatever that is. */
  const step = (): Promise<void> => {
    const now = clock.now();
    const reading = now >= watch.due;
    const end = Math.min(watch.deadline, reading ? now + readTimeout : watch.due);
    const late = (): unknown => {
      if (end === watch.deadline) return new PollDeadlineError(stateOf(watch), watch.failure);
      return reading ? new StalledError(task, `did not answer within ${readTimeout} ms`) : watch;
    };
    const work = async (aborted: AbortSignal, stop: typeof cut): Promise<Snapshot<Result>> => {
      cut = stop;
      return reading ? task.read({ signal: aborted, attempt: ++watch.attempts }) : new Promise(() => {});
    };
    return within(work, { signal, clock, deadline: end - now, late }).then(
      (value) => {
        news ??= rules.accept(watch, value);
      },
      async (error) => {
        // Slept for long enough, or cut since there is something else to do.
        if (error === watch) return;
        const aborted = signal?.aborted;
        if (aborted || error instanceof PollDeadlineError) {
          if (aborted ? options.cancelOnAbort : options.cancelOnDeadline) await rules.cancel(watch);
          throw aborted ? signal.reason : error;
        }
        news ??= rules.fail(watch, error);
      },
    );
  };

  async function* rounds(): AsyncGenerator<Snapshot<Result>, undefined, void> {
    while (news || !watch.over) {
      if (!news || signal?.aborted) await step();
      const snapshot = news;
      if (!snapshot) continue;
      news = undefined;
      cut = undefined;
      options.onSnapshot?.(snapshot, task);
      yield snapshot;
    }
  }

  const iterator = rounds();
  const leave = iterator.return.bind(iterator, undefined);
  return Object.assign(iterator, {
    return() {
      watch.over = true;
      cut?.(watch);
      return leave();
    },
    notify(snapshot: Snapshot<Result>) {
      if (watch.over) return;
      news = rules.accept(watch, snapshot);
      cut?.(watch);
    },
    toJSON: () => stateOf(watch),
  });
}
