import type { Clock } from "@sluice/retry";
import { sleepUntil } from "./_sleep-until.ts";
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
const FINAL = ["succeeded", "failed", "canceled"];
const KNOWN = ["queued", "running", ...FINAL];

/** Whether nothing comes after it. */
export function isFinal({ state }: Snapshot): boolean {
  return FINAL.includes(state);
}

const isAmount = (value: unknown): value is number => typeof value === "number" && value >= 0;

/** Exponential growth that stays finite, so that 0 times it is 0. */
const grown = (start: number, factor: number, times: number): number => start * factor ** Math.min(times, 99);

/**
 * What is known of one task, when it is to be read next, and what an answer or a failure means for that. It waits for
 * nothing by itself; whoever follows the task does, and asks it to read.
 */
export class Watch<Result> {
  readonly task: Task<Result>;
  readonly started: number;
  /** When whoever follows it gives up. */
  until: number;
  /** Reads begun. */
  attempts: number;
  /** When to read next. */
  due: number;
  /** Ends the sleep or the read under way, which then comes to nothing. */
  cut: ((reason?: unknown) => void) | undefined;
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

  /** Resolves when there is something to do, or when it is cut. */
  sleep(): Promise<void> {
    return new Promise((resolve) => {
      const callOff = sleepUntil(this.#clock, Math.min(this.due, this.until), resolve);
      this.cut = () => {
        callOff();
        resolve();
      };
    });
  }

  /**
   * Reads once. Comes to nothing if that fails in a way that is tolerated, or if it is cut, by the deadline or otherwise;
   * rejects with a failure that is not.
   */
  async read(): Promise<Snapshot<Result> | undefined> {
    const { readTimeout = 60_000, retry } = this.#options;
    const { task } = this;
    const end = Math.min(this.#clock.now() + readTimeout, this.until);
    const controller = new AbortController();
    const context = { signal: controller.signal, attempt: ++this.attempts };
    let wasCut = false;
    let timer: (() => void) | undefined;
    let value: Snapshot<Result>;
    try {
      value = await new Promise<Snapshot<Result>>((resolve, reject) => {
        const giveUp = (reason: unknown): void => {
          reject(reason);
          controller.abort(reason);
        };
        this.cut = (reason) => {
          wasCut = true;
          giveUp(reason);
        };
        timer = sleepUntil(this.#clock, end, () => {
          wasCut = end === this.until;
          giveUp(new StalledError(task, `did not answer within ${readTimeout} ms`));
        });
        // Async for the sake of a read that throws synchronously.
        (async () => task.read(context))().then(resolve, reject);
      });
    } catch (error) {
      return wasCut ? undefined : this.#failed(error);
    } finally {
      timer?.();
      // It holds all that this read needed.
      this.cut = undefined;
    }
    // An end that was received meanwhile is newer.
    if (this.over) return undefined;
    this.#failures = 0;
    if (retry) retry.budget?.refund();
    return this.accept(value);
  }

  /** What is left of a snapshot when the values that mean nothing are dropped; plans the next read. */
  accept(value: Snapshot<Result>): Snapshot<Result> {
    const { interval = 500, maxInterval = Math.max(interval, 10_000) } = this.#options;
    const bad = (what: string): BadReplyError => new BadReplyError(this.task, `gave a bad reply: ${what}`);
    if (typeof value?.state !== "string") throw bad(`a snapshot must have a "state", received ${typeof value}`);
    const snapshot = { ...value };
    const { state, progress, retryAfter } = snapshot;
    if (!isAmount(progress) || progress > 1) delete snapshot.progress;
    if (!isAmount(retryAfter)) delete snapshot.retryAfter;
    this.over = isFinal(snapshot);
    if (KNOWN.includes(state)) this.#unknownSince = undefined;
    else {
      const now = this.#clock.now();
      this.#unknownSince ??= now;
      if (now - this.#unknownSince >= UNKNOWN_TIMEOUT) throw bad(`its state is "${state}" for ${UNKNOWN_TIMEOUT} ms`);
      snapshot.state = "running";
    }
    const { retryAfter: hint = 0 } = snapshot;
    if (hint >= YEAR && !this.over) throw bad(`"retryAfter" must be under a year, received ${hint}`);
    const half = Math.min(maxInterval, grown(interval, 1.5, this.attempts - 1)) / 2;
    this.#plan(hint, half, half);
    return snapshot;
  }

  /** "Not found yet" is an answer. Anything else that is not to be tried again is thrown. */
  #failed(error: unknown): Snapshot<Result> | undefined {
    const { retry, grace = 10_000, onEvent } = this.#options;
    const {
      attempts = 10,
      base = 500,
      cap = 30_000,
      budget,
      retryable,
    } = retry === false ? { attempts: 1 } : { ...retry };
    const { status, retryAfter, retryable: transient } = Object(error);
    const { id, provider } = this.task;
    const now = this.#clock.now();
    this.#failure = { cause: error };
    const verdict = retryable ? retryable(error) : transient === true;
    if (!verdict && (status === 404 || status === 422) && now < this.started + grace) {
      return this.accept({ state: "queued", error, retryAfter });
    }
    const { after: hint = retryAfter } = Object(verdict);
    const after = isAmount(hint) ? hint : 0;
    this.#failures += 1;
    if (!verdict || this.#failures >= attempts || after >= YEAR || budget?.spend() === false) throw error;
    this.#plan(after, 0, Math.min(cap, grown(base, 2, this.#failures - 1)));
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
