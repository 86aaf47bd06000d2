import { backoff } from "./backoff.ts";
import { systemClock } from "./clock.ts";
import { DeadlineError } from "./deadline-error.ts";
import { expectOptions } from "./expect-options.ts";
import type { AttemptContext, RetryOptions } from "./retry-options.ts";
import { retryRules } from "./retry-rules.ts";
import { startTimer } from "./start-timer.ts";
import { within } from "./within.ts";

/** The deadline where none is given: so that a server's absurd hint fails instead of looking like a hang. */
const YEAR = 365 * 86_400_000;

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
  const { deadline = YEAR, budget, clock = systemClock, onRetry } = options;
  expectOptions("retry", { attempt }, { attempt: "function" }, true);
  expectOptions("retry", options, retryRules);

  const end = clock.now() + deadline;
  let started = 0;
  let failed: ErrorOptions | undefined;
  const late = (): DeadlineError => new DeadlineError(started, deadline, failed);

  return within(
    async (signal) => {
      for (;;) {
        started += 1;
        let value: T;
        try {
          value = await attempt({ attempt: started, signal });
        } catch (error) {
          // However an attempt ends that was cut is ignored.
          signal.throwIfAborted();
          failed = { cause: error };
          const left = end - clock.now();
          const next = backoff(error, started, options, left);
          if (!next) throw error;
          if (next.after >= left) throw late();
          onRetry?.({ attempt: started, error, ...next });
          // An abort calls the timer off.
          const sleep = (aborted: AbortSignal): Promise<void> =>
            new Promise((wake) => aborted.addEventListener("abort", startTimer(clock, next.delay, wake)));
          await within(sleep, { signal });
          continue;
        }
        if (!signal.aborted) budget?.refund();
        return value;
      }
    },
    { ...options, late },
  );
}
