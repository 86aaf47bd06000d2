import { backoff, expectOptions, retry, systemClock } from "@sluice/retry";
import type { Watch } from "./_watch.ts";
import { BadReplyError } from "./bad-reply-error.ts";
import type { PollEvent } from "./poll-event.ts";
import type { PollOptions } from "./poll-options.ts";
import type { PollState } from "./poll-state.ts";
import type { Snapshot, Task, TaskContext } from "./task.ts";

/** A hint of so much is taken for nonsense, so that it is an error and not a hang. */
const YEAR = 365 * 86_400_000;
/** How long unknown states in a row are taken for "running". */
const UNKNOWN_TIMEOUT = 600_000;
/** How long cancelling a remote task may take. */
const CANCEL_TIMEOUT = 5_000;
/** From the third on they are final. */
const STATES = ["queued", "running", "succeeded", "failed", "canceled"];

const isWithin = (value: unknown, most: number): boolean => typeof value === "number" && value >= 0 && value <= most;

/** What an answer or a failure means, for any number of tasks under the same options. */
export interface Rules<Result> {
  /** Begins to watch a task, or goes on with it. */
  begin(task: Task<Result>, resume?: PollState): Watch<Result>;
  /** Makes a snapshot the news, without the values that mean nothing, and plans the next read. */
  accept(watch: Watch<Result>, value: Snapshot<Result>): void;
  /** The same, for what a read gave. */
  succeed(watch: Watch<Result>, value: Snapshot<Result>): void;
  /** Plans the next read after one that failed. "Not found yet" is an answer; what is not to be tried again is thrown. */
  fail(watch: Watch<Result>, error: unknown): void;
  /** Asks the provider to stop the task, where it can be asked. Never rejects: how that went is an event. */
  cancel(watch: Watch<Result>, ask?: (context: TaskContext) => Promise<void>): Promise<void>;
}

/** The rules that follow from the options. They wait for nothing and have no timer: whoever follows a task has. */
export function rulesOf<Result>(options: PollOptions<Result>): Rules<Result> {
  const { interval = 500, maxInterval = Math.max(interval, 10_000), grace = 10_000 } = options;
  const { clock = systemClock, random = Math.random } = options;
  const { attempts = options.retry === false ? 1 : 10, budget } = options.retry || {};

  const report = ({ state: { id, provider, attempts: attempt } }: Watch<Result>, event: object): void =>
    options.onEvent?.({ id, provider, attempt, ...event } as PollEvent);

  /** After the server's `floor` and our own `least`, with jitter on top. */
  const plan = (state: Watch<Result>["state"], floor: number, least: number, spread: number): void => {
    const { due, deadline = Infinity } = state;
    const now = clock.now();
    const planned = now + Math.max(floor, least) + random() * spread;
    // Rather a last look shortly before the deadline than a sleep across it. News never make the next read earlier.
    const soonest = now + Math.max(floor, Math.min(least, interval / 2));
    state.due = Math.max(due, soonest, Math.min(planned, deadline - interval));
  };

  const accept: Rules<Result>["accept"] = (watch, value) => {
    const { task, state } = watch;
    const bad = (what: string): never => {
      throw new BadReplyError(task as Task, `gave a bad reply: ${what}`);
    };
    if (typeof value?.state !== "string") bad(`a snapshot must have a "state", received ${typeof value}`);
    const snapshot = { ...value };
    if (!isWithin(snapshot.progress, 1)) delete snapshot.progress;
    if (!isWithin(snapshot.retryAfter, Infinity)) delete snapshot.retryAfter;
    const { retryAfter = 0 } = snapshot;
    const now = clock.now();
    const rank = STATES.indexOf(snapshot.state);
    watch.unknownSince = rank < 0 ? Math.min(watch.unknownSince, now) : Infinity;
    if (now - watch.unknownSince >= UNKNOWN_TIMEOUT) bad(`its state is "${value.state}" for ${UNKNOWN_TIMEOUT} ms`);
    if (rank < 0) snapshot.state = "running";
    if (rank > 1) watch.over = true;
    else if (retryAfter >= YEAR) bad(`"retryAfter" must be under a year, received ${retryAfter}`);
    // Growth that stays finite, so that 0 times it is 0.
    const half = Math.min(maxInterval, interval * 1.5 ** Math.min(state.attempts - 1, 99)) / 2;
    plan(state, retryAfter, half, half);
    watch.news = snapshot;
  };

  const succeed: Rules<Result>["succeed"] = (watch, value) => {
    watch.failures = 0;
    budget?.refund();
    accept(watch, value);
  };

  const fail: Rules<Result>["fail"] = (watch, error) => {
    const { state } = watch;
    const { status, retryAfter } = Object(error);
    const now = clock.now();
    watch.failure = { cause: error };
    const next = backoff(error, watch.failures + 1, { ...options.retry, attempts });
    if (!next && (status === 404 || status === 422) && now < state.started + grace) {
      return accept(watch, { state: "queued", error, retryAfter });
    }
    watch.failures += 1;
    if (!next || next.after >= YEAR || budget?.spend() === false) throw error;
    const { after, spread } = next;
    plan(state, after, 0, spread);
    report(watch, { type: "retry", error, delay: state.due - now, after });
  };

  const cancel: Rules<Result>["cancel"] = async (watch, ask = async (context) => watch.task.cancel?.(context)) => {
    const { task, state } = watch;
    if (!task.cancel) return;
    const once = { attempts: 1, deadline: CANCEL_TIMEOUT, clock };
    const outcome = await retry(({ signal }) => ask({ signal, attempt: state.attempts }), once).then(
      () => ({}),
      (error: unknown) => ({ error }),
    );
    try {
      report(watch, { type: "cancel", ...outcome });
    } catch {
      // What a callback throws must not hide why the poll ended.
    }
  };

  return {
    begin(task, resume = { version: 1, id: task.id, provider: task.provider, started: clock.now(), attempts: 0 }) {
      const { version, id, provider, started, due = started } = Object(resume) as PollState;
      if (version !== 1 || id !== task.id || provider !== task.provider) {
        throw new RangeError(
          `Cannot poll "${task.id}": "resume" must be its toJSON() of version 1, received ${JSON.stringify(resume)}`,
        );
      }
      expectOptions("resume the poll", resume, { started: 0, attempts: 0 }, true);
      expectOptions("resume the poll", resume, { due: 0, deadline: 0 });
      const { deadline = options.deadline === undefined ? undefined : started + options.deadline } = resume;
      return { task, state: { ...resume, due, deadline }, failures: 0, unknownSince: Infinity };
    },
    accept,
    succeed,
    fail,
    cancel,
  };
}
