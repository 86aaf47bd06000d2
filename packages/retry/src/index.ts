export { type Backoff, backoff } from "./backoff.ts";
export { type BudgetOptions, createBudget, type RetryBudget } from "./budget.ts";
export { type Clock, systemClock } from "./clock.ts";
export { DeadlineError } from "./deadline-error.ts";
export { expectOptions, type OptionRule } from "./expect-options.ts";
export { retry } from "./retry.ts";
export { type HeadersLike, retryAfter } from "./retry-after.ts";
export type { AttemptContext, RetryEvent, RetryOptions } from "./retry-options.ts";
export { startTimer } from "./start-timer.ts";
