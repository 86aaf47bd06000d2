import type { RetryOptions } from "./retry-options.ts";

/** How long to wait before another attempt: `after`, and up to `spread` more, at random. */
export interface Backoff {
  /** Milliseconds for which the server wants to be left alone. */
  readonly after: number;
  /** Milliseconds of jitter, at most. */
  readonly spread: number;
}

/**
 * Says whether a failure is worth another attempt, and when: the rule of `retry`, for those who bring a loop of their own.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { backoff } from "@sluice/retry";
 *
 * const busy = Object.assign(new Error("busy"), { retryable: true, retryAfter: 2000 });
 * assert.deepEqual(backoff(busy, 1), { after: 2000, spread: 500 });
 * assert.deepEqual(backoff(busy, 3, { retryable: () => ({ after: 50 }) }), { after: 50, spread: 2000 });
 * assert.equal(backoff(busy, 5), undefined);
 * assert.equal(backoff(new Error("bug"), 1), undefined);
 * ```
 *
 * @param failures in a row, this one included
 * @returns undefined where it is final
 */
export function backoff(
  error: unknown,
  failures: number,
  options: Pick<RetryOptions, "attempts" | "base" | "cap" | "retryable"> = {},
): Backoff | undefined {
  const { attempts = 5, base = 500, cap = 30_000, retryable = isRetryable } = options;
  const verdict = retryable(error);
  if (!verdict || failures >= attempts) return undefined;
  const { after = Object(error).retryAfter } = Object(verdict);
  // Growth that stays finite, so that 0 times it is 0.
  const spread = Math.min(cap, base * 2 ** Math.min(failures - 1, 99));
  return { after: typeof after === "number" && after > 0 ? after : 0, spread };
}

const isRetryable = (error: unknown): boolean => Object(error).retryable === true;
