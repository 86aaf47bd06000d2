import { backoff, type Clock } from "@sluice/retry";
import { BadReplyError } from "./bad-reply-error.ts";
import { PollDeadlineError } from "./poll-deadline-error.ts";
import type { PollOptions } from "./poll-options.ts";
import type { PollState } from "./poll-state.ts";
import { StalledError } from "./stalled-error.ts";
import type { Snapshot, Task } from "./task.ts";

/** A hint of so much is taken for nonsense, so that it is an error and not a hang. */
const YEAR = 365 * 86_400_000;
/** How long unknown states in a row are taken for "running". */
const UNKNOWN_TIMEOUT = 600_000;
const STATES = ["queued", "running", "succeeded", "failed", "canceled"];

/** Whether nothing comes after it. */
export function isFinal({ state }: Snapshot): boolean {
  return STATES.indexOf(state) > 1;
}

const isAmount = (value: unknown): value is number => typeof value === "number" && value >= 0;

/** Told what a read came to: a snapshot, an error that ends the poll, or nothing, where it was cut or is tried again. */
type Done<Result> = (snapshot?: Snapshot<Result>, failure?: { readonly error: unknown }) => void;

/**
 * What is known of one task, when it is to be read next, and what an answer or a failure means for that. It waits for
 * nothing and has no timer; whoever follows the task has, and asks it to read. A read costs few objects: thousands are
 * garbage in a second.
 */
export class Watch<Result> {
  readonly task: Task<Result>;
  started: number;
  /** When whoever follows it gives up. */
  until: number;
  /** Reads begun. */
  attempts: number;
  /** When to read next. */
  due: number;
  /** Ends the wait or the read under way, which then comes to nothing; a read may be said to have failed. */
  cut: ((reason?: unknown, hasFailed?: boolean) => void) | undefined;
  /** Whether it has seen the end. */
  over = false;
  readonly #options: PollOptions<Result>;
  readonly #clock: Clock;
  #failure: ErrorOptions | undefined;
  #failures = 0;
  #unknownSince: number | undefined;

  constructor(task: Task<Result>, options: PollOptions<Result>, clock: Clock, resume?: PollState) {
    const { started = clock.now(), attempts = 0, due = started, deadline } = resume ?? {};
    this.task = task;
    this.started = started;
    this.until = deadline ?? started + (options.deadline ?? Infinity);
    this.attempts = attempts;
    this.due = due;
    this.#options = options;
    this.#clock = clock;
  }

  toJSON(): PollState {
    const { started, attempts, due, until } = this;
    const { id, provider } = this.task;
    return { version: 1, id, provider, started, attempts, due, deadline: until < Infinity ? until : undefined };
  }

  /** What to reject with at the deadline. */
  late(state: PollState = this.toJSON()): PollDeadlineError {
    return new PollDeadlineError(state, this.#failure);
  }

  /** When a read that begins now has taken too long. */
  get readEnd(): number {
    return this.#clock.now() + (this.#options.readTimeout ?? 60_000);
  }

  /** Cuts a read that has. */
  stall(): void {
    this.cut?.(new StalledError(this.task, `did not answer within ${this.#options.readTimeout ?? 60_000} ms`), true);
  }

  /** Reads once. */
  read(done: Done<Result>): void {
    const stop = new AbortController();
    const context = { signal: stop.signal, attempt: ++this.attempts };
    const end = (work?: () => Snapshot<Result> | undefined): void => {
      // However a read ends that was cut is ignored.
      if (this.cut !== cut) return;
      this.cut = undefined;
      let snapshot: Snapshot<Result> | undefined;
      let failure: { error: unknown } | undefined;
      try {
        snapshot = work?.();
      } catch (error) {
        failure = { error };
      }
      done(snapshot, failure);
    };
    const failed = (error: unknown): void => end(() => this.#failed(error));
    const cut = (reason?: unknown, hasFailed?: boolean): void => {
      if (hasFailed) failed(reason);
      else end();
      stop.abort(reason);
    };
    this.cut = cut;
    try {
      Promise.resolve(this.task.read(context)).then((value) => end(() => this.#succeeded(value)), failed);
    } catch (error) {
      failed(error);
    }
  }

  /** What is left of a snapshot when the values that mean nothing are dropped; plans the next read. */
  accept(value: Snapshot<Result>): Snapshot<Result> {
    const { interval = 500, maxInterval = Math.max(interval, 10_000) } = this.#options;
    const bad = (what: string): BadReplyError => new BadReplyError(this.task, `gave a bad reply: ${what}`);
    if (typeof value?.state !== "string") throw bad(`a snapshot must have a "state", received ${typeof value}`);
    const snapshot = { ...value };
    const { state, progress, retryAfter: hint } = snapshot;
    if (!isAmount(progress) || progress > 1) delete snapshot.progress;
    if (!isAmount(hint)) delete snapshot.retryAfter;
    this.over = isFinal(snapshot);
    if (STATES.includes(state)) this.#unknownSince = undefined;
    else {
      const now = this.#clock.now();
      this.#unknownSince ??= now;
      if (now - this.#unknownSince >= UNKNOWN_TIMEOUT) throw bad(`its state is "${state}" for ${UNKNOWN_TIMEOUT} ms`);
      snapshot.state = "running";
    }
    const { retryAfter = 0 } = snapshot;
    if (retryAfter >= YEAR && !this.over) throw bad(`"retryAfter" must be under a year, received ${hint}`);
    // Growth that stays finite, so that 0 times it is 0.
    const half = Math.min(maxInterval, interval * 1.5 ** Math.min(this.attempts - 1, 99)) / 2;
    this.#plan(retryAfter, half, half);
    return snapshot;
  }

  #succeeded(value: Snapshot<Result>): Snapshot<Result> {
    const { retry } = this.#options;
    this.#failures = 0;
    if (retry) retry.budget?.refund();
    return this.accept(value);
  }

  /** "Not found yet" is an answer. Anything else that is not to be tried again is thrown. */
  #failed(error: unknown): Snapshot<Result> | undefined {
    const { retry, grace = 10_000, onEvent } = this.#options;
    const { status, retryAfter } = Object(error);
    const { id, provider } = this.task;
    const now = this.#clock.now();
    const next = retry === false ? undefined : backoff(error, this.#failures + 1, { attempts: 10, ...retry });
    this.#failure = { cause: error };
    if (!next && (status === 404 || status === 422) && now < this.started + grace) {
      return this.accept({ state: "queued", error, retryAfter });
    }
    this.#failures += 1;
    if (!next || next.after >= YEAR || (retry && retry.budget?.spend() === false)) throw error;
    const { after } = next;
    this.#plan(after, 0, next.spread);
    onEvent?.({ type: "retry", id, provider, attempt: this.attempts, error, delay: this.due - now, after });
    return undefined;
  }

  /** After the server's `floor` and our own `least`, with jitter on top. */
  #plan(floor: number, least: number, spread: number): void {
    const { interval = 500, random = Math.random } = this.#options;
    const now = this.#clock.now();
    const planned = now + Math.max(floor, least) + random() * spread;
    // Rather a last look shortly before the deadline than a sleep across it. News never make the next read earlier.
    const soonest = now + Math.max(floor, Math.min(least, interval / 2));
    this.due = Math.max(this.due, soonest, Math.min(planned, this.until - interval));
  }
}
