import { backoff } from "./backoff.ts";
import { systemClock } from "./clock.ts";
import { DeadlineError } from "./deadline-error.ts";
import { expectOptions } from "./expect-options.ts";
import type { AttemptContext, RetryOptions } from "./retry-options.ts";
import { retryRules } from "./retry-rules.ts";
import { startTimer } from "./start-timer.ts";

/** The deadline where none is given: so that a server's absurd hint fails instead of looking like a hang. */
const YEAR = 365 * 86_400_000;

const nothing = (): void => {};

/**
 * Calls `attempt` until it succeeds, with full-jitter exponential backoff between the calls.
 *
 * A server's hint is a floor: the wait is `after + U(0, min(cap, base · 2ⁿ))`, never less than `after`. The jitter is
 * cut to the time that the deadline leaves; where not even `after` fits, nothing is waited for.
 *
 * An abort or the deadline rejects at once, whether or not the attempt in flight listens to its signal; how that attempt
 * ends is then ignored.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { retry } from "@sluice/retry";
 *
 * const text = await retry(
 *   async ({ attempt }) => {
 *     if (attempt === 1) throw Object.assign(new Error("busy"), { retryable: true, retryAfter: 10 });
 *     return `done in ${attempt}`;
 *   },
 *   { base: 10, deadline: 5_000 },
 * );
 * assert.equal(text, "done in 2");
 * ```
 *
 * @returns what the first successful attempt returned
 * @throws {TypeError | RangeError} at once, when an option is not what it must be
 * @throws {AbortSignal["reason"]} when `signal` is or gets aborted
 * @throws {DeadlineError} when the deadline passes, or the next attempt would start after it
 * @throws the last attempt's error in every other case, untouched
 */
export function retry<T>(attempt: (context: AttemptContext) => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { deadline = YEAR, budget, signal } = options;
  const { clock = systemClock, random = Math.random, onRetry = nothing } = options;
  expectOptions("retry", { attempt }, { attempt: "function" }, true);
  expectOptions("retry", options, retryRules);

  return new Promise((resolve, reject) => {
    const end = clock.now() + deadline;
    const stop = new AbortController();
    let started = 0;
    let failed: ErrorOptions | undefined;
    let settled = false;
    let cancelSleep = nothing;
    let cancelDeadline = nothing;

    /** The one way out: whatever comes later finds `settled` set, and neither a timer nor a listener. */
    const settle = <V>(how: (value: V) => void, value: V): void => {
      settled = true;
      cancelSleep();
      cancelDeadline();
      signal?.removeEventListener("abort", onAbort);
      how(value);
    };
    const fail = (error: unknown): void => settle(reject, error);
    /** Fails without waiting for the attempt in flight, if there is one. */
    const cut = (error: unknown): void => {
      fail(error);
      stop.abort(error);
    };
    const onAbort = (): void => cut(signal?.reason);
    const tooLate = (): DeadlineError => new DeadlineError(started, deadline, failed);

    const run = (): void => {
      started += 1;
      // So that one that throws synchronously rejects.
      new Promise<T>((answer) => answer(attempt({ attempt: started, signal: stop.signal })))
        .then((value) => {
          budget?.refund();
          settle(resolve, value);
        }, backOff)
        // What a callback or a budget threw.
        .catch(fail);
    };

    const backOff = (error: unknown): void => {
      if (settled) return;
      failed = { cause: error };
      const next = backoff(error, started, options);
      const left = end - clock.now();
      if (!next) fail(error);
      else if (next.after >= left) fail(tooLate());
      else if (budget?.spend() === false) fail(error);
      else {
        const { after, spread } = next;
        const delay = after + random() * Math.min(spread, left - after);
        onRetry({ attempt: started, error, delay, after });
        if (!settled) cancelSleep = startTimer(clock, delay, run);
      }
    };

    signal?.addEventListener("abort", onAbort);
    if (signal?.aborted) onAbort();
    else if (!deadline) fail(tooLate());
    else {
      if (options.deadline) cancelDeadline = startTimer(clock, deadline, () => cut(tooLate()));
      run();
    }
  });
}
