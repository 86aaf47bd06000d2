import { expectOptions } from "./expect-options.ts";

/** How much retrying one host may be asked to bear; see {@link createBudget}. */
export interface RetryBudget {
  /** What is left: a retry costs 1. */
  readonly tokens: number;
  /** Takes the price of one retry, or returns `false` and takes nothing. */
  spend(): boolean;
  /** Puts a little back, after a success. */
  refund(): void;
}

/** The size of a retry budget. */
export interface BudgetOptions {
  /** Retries that may go out with no success between them; the budget starts full. A finite number ≥ 0. */
  capacity: number;
  /** What every success puts back, in retries, up to `capacity`: 0.1 lets one request in ten be a retry. A finite number ≥ 0. */
  refill: number;
}

/**
 * Creates a token bucket that keeps many callers together from hammering a host that is down.
 *
 * Give the same one to every upload and poll of a host. First attempts are free, each retry costs one token, each
 * success puts `refill` back. When it is empty a failure is final at once: the host is down for everybody.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { createBudget } from "@sluice/retry";
 *
 * const budget = createBudget({ capacity: 1, refill: 0.5 });
 * assert.equal(budget.spend(), true);
 * assert.equal(budget.spend(), false);
 * budget.refund();
 * assert.equal(budget.tokens, 0.5);
 * ```
 *
 * @throws {TypeError | RangeError} when `capacity` or `refill` is not such a number
 */
export function createBudget({ capacity, refill }: BudgetOptions): RetryBudget {
  expectOptions("create a budget", { capacity, refill }, { capacity: 0, refill: 0 }, true);
  let tokens = capacity;
  return {
    get tokens() {
      return tokens;
    },
    spend() {
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
    refund() {
      // Counted in millionths: ten times 0.1 would otherwise make 0.9999999999999999, and no retry.
      tokens = Math.min(capacity, Math.round((tokens + refill) * 1e6) / 1e6);
    },
  };
}
