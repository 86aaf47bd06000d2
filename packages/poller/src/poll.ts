import { retry, systemClock } from "@sluice/retry";
import { expectPoll, expectTask } from "./_expect-poll.ts";
import { rulesOf } from "./_rules.ts";
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
  const { signal, clock = systemClock, readTimeout = 60_000 } = options;
  expectTask(task);
  expectPoll("poll", options);
  const { begin, accept, succeed, fail, cancel } = rulesOf(options);
  const watch = begin(task, options.resume);
  const { state } = watch;
  const toJSON = (): PollState => ({ ...state });
  /** Cuts the sleep or the read under way; what is to be done instead is seen in the next round. */
  let stop = new AbortController();

  /** Ends it, having asked the provider to stop the task if that is wanted. */
  const end = async (remotely: boolean | undefined, error: unknown): Promise<never> => {
    if (remotely) await cancel(watch);
    throw error;
  };

  async function* rounds(): AsyncGenerator<Snapshot<Result>, undefined, void> {
    while (watch.news || !watch.over) {
      const { news } = watch;
      const { due, deadline = Infinity } = state;
      const now = clock.now();
      if (signal?.aborted) await end(options.cancelOnAbort, signal.reason);
      else if (news) {
        watch.news = undefined;
        options.onSnapshot?.(news, task);
        yield news;
      } else if (now >= deadline) await end(options.cancelOnDeadline, new PollDeadlineError(toJSON(), watch.failure));
      else {
        stop = new AbortController();
        const cut = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
        const until = Math.min(now < due ? due : now + readTimeout, deadline);
        const settle = await retry(
          async (context) => {
            // To sleep is to wait for what never comes, until the time is up.
            if (now < due) await new Promise(() => {});
            try {
              const value = await task.read({ ...context, attempt: ++state.attempts });
              return () => succeed(watch, value);
            } catch (error) {
              return () => fail(watch, error);
            }
          },
          { attempts: 1, deadline: until - now, clock, signal: cut },
        ).catch(() => () => {
          if (now < due || until === deadline) return;
          fail(watch, new StalledError(task as Task, `did not answer within ${readTimeout} ms`));
        });
        if (!cut.aborted) settle();
      }
    }
  }

  const iterator = rounds();
  const leave = iterator.return.bind(iterator, undefined);
  return Object.assign(iterator, {
    return() {
      watch.over = true;
      watch.news = undefined;
      stop.abort();
      return leave();
    },
    notify(snapshot: Snapshot<Result>) {
      if (watch.over) return;
      accept(watch, snapshot);
      stop.abort();
    },
    toJSON,
  });
}
