import { backoff, type Clock, cadence, isAmount, within } from "@sluice/retry";
import type { Watch } from "./_watch.ts";
import { BadReplyError } from "./bad-reply-error.ts";
import type { PollEvent } from "./poll-event.ts";
import type { PollOptions } from "./poll-options.ts";
import type { Snapshot } from "./task.ts";

/** A hint of so much is taken for nonsense, so that it is an error and not a hang. */
const YEAR = 365 * 86_400_000;
/** How long unknown states in a row are taken for "running". */
const UNKNOWN_TIMEOUT = 600_000;
/** How long cancelling a remote task may take. */
const CANCEL_TIMEOUT = 5_000;
/** From the third on they are final. */
const STATES = ["queued", "running", "succeeded", "failed", "canceled"];

/** What an answer or a failure means, for any number of tasks under the same options. */
export interface Rules<Result> {
  /** What is left of a snapshot when the values that mean nothing are dropped; plans the next read. */
  accept(watch: Watch<Result>, value: Snapshot<Result>): Snapshot<Result>;
  /** Plans the next read after one that failed. "Not found yet" is an answer; what is not to be tried again is thrown. */
  fail(watch: Watch<Result>, error: unknown): Snapshot<Result> | undefined;
  /** Asks the provider to stop the task, where it can be asked. Never rejects: how that went is an event. */
  cancel(watch: Watch<Result>): Promise<void>;
}

/** The rules that follow from the options. They wait for nothing and have no timer: whoever follows a task has. */
export function rulesOf<Result>(options: PollOptions<Result>, clock: Clock): Rules<Result> {
  const { grace = 10_000, random, onEvent } = options;
  const retry = { random, attempts: options.retry === false ? 1 : 10, ...options.retry };

  const report = (watch: Watch<Result>, event: object): void =>
    onEvent?.({ id: watch.task.id, provider: watch.task.provider, attempt: watch.attempts, ...event } as PollEvent);

  const accept: Rules<Result>["accept"] = (watch, value) => {
    const bad = (name: string, expected: string, received: unknown): BadReplyError =>
      new BadReplyError(watch.task, `gave a bad reply: "${name}" must be ${expected}, received ${received}`);
    const snapshot = { ...value };
    const received: string = snapshot.state;
    if (!isAmount(snapshot.progress, 1)) delete snapshot.progress;
    if (!isAmount(snapshot.retryAfter)) delete snapshot.retryAfter;
    const { retryAfter = 0 } = snapshot;
    const now = clock.now();
    const rank = STATES.indexOf(received);
    if (rank < 0) {
      watch.oddSince ??= now;
      if (typeof received !== "string" || now - watch.oddSince >= UNKNOWN_TIMEOUT) {
        throw bad("state", "a known string", String(received));
      }
      snapshot.state = "running";
    } else watch.oddSince = undefined;
    if (rank > 1) watch.over = true;
    else if (retryAfter >= YEAR) throw bad("retryAfter", "under a year", retryAfter);
    // News never make the next read earlier.
    watch.due = Math.max(watch.due, now + cadence(watch.attempts, retryAfter, options, watch.deadline - now));
    watch.failures = 0;
    retry.budget?.refund();
    return snapshot;
  };

  return {
    accept,
    fail(watch, error) {
      const { status, retryAfter } = Object(error);
      const now = clock.now();
      const next = backoff(error, ++watch.failures, retry, watch.deadline - now);
      watch.failure = { cause: error };
      if (next && next.after < YEAR) {
        watch.due = now + next.delay;
        report(watch, { type: "retry", error, ...next });
      } else if ([404, 422].includes(status) && now < watch.started + grace) {
        return accept(watch, { state: "queued", error, retryAfter });
      } else throw error;
      return undefined;
    },
    async cancel(watch) {
      if (!watch.task.cancel) return;
      const ask = async (signal: AbortSignal): Promise<void> =>
        watch.task.cancel?.({ signal, attempt: watch.attempts });
      await within(ask, { clock, deadline: CANCEL_TIMEOUT })
        .then(
          () => report(watch, { type: "cancel" }),
          (error: unknown) => report(watch, { type: "cancel", error }),
        )
        .catch(() => {
          // What a callback throws must not hide why the poll ended.
        });
    },
  };
}
