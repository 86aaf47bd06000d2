import type { RetryBudget } from "./budget.ts";
import type { Clock } from "./clock.ts";

/** What an attempt is given. */
export interface AttemptContext {
  /** 1 for the first. */
  readonly attempt: number;
  /**
   * Aborted with the caller's reason or the `DeadlineError`, until the call has settled. One for all attempts of a call.
   */
  readonly signal: AbortSignal;
}

/** A retry that is about to be waited for. */
export interface RetryEvent {
  /** The attempt that failed, 1 for the first. */
  readonly attempt: number;
  /** What it failed with. */
  readonly error: unknown;
  /** Milliseconds until the next attempt. */
  readonly delay: number;
  /** The server's hint within `delay`; 0 where there was none. */
  readonly after: number;
}

/** When to try again, and when not. */
export interface RetryOptions {
  /** Attempts in all, the first included; `Infinity` for no limit. @default {5} */
  attempts?: number | undefined;
  /** Longest backoff before the first retry; doubles with each one. @default {500} */
  base?: number | undefined;
  /** Longest backoff at all. A server's hint is not bound by it. @default {30_000} */
  cap?: number | undefined;
  /**
   * Time for everything from the call on, the attempt in flight included. Where it is not given an attempt may take any
   * time, and only a hint of a year or more counts as too late.
   */
  deadline?: number | undefined;
  /** What all callers of one host share; see `createBudget`. */
  budget?: RetryBudget | undefined;
  /**
   * Whether an error is worth another attempt, and how long to leave the server alone. With `true` the hint is the
   * error's own `retryAfter`. @default {error.retryable === true}
   */
  retryable?: ((error: unknown) => boolean | { after: number }) | undefined;
  /** Ends everything at once; the promise rejects with its reason. */
  signal?: AbortSignal | undefined;
  /** Where time comes from. @default {systemClock} */
  clock?: Clock | undefined;
  /** From 0 to below 1. @default {Math.random} */
  random?: (() => number) | undefined;
  /** Called before each wait; what it throws ends the call. */
  onRetry?: ((event: RetryEvent) => void) | undefined;
}
