import { expectOptions, type OptionRule, retryRules } from "@sluice/retry";
import type { PollOptions } from "./poll-options.ts";
import type { Task } from "./task.ts";

/** What the options of a poll must be. */
export const POLL_RULES: Readonly<Record<string, OptionRule>> = {
  ...retryRules,
  interval: 0,
  maxInterval: 0,
  grace: 0,
  readTimeout: 0,
  onSnapshot: "function",
  onEvent: "function",
};

/** Throws unless the options, those of `retry` among them, are what they must be. */
export function expectPoll<Result>(
  action: string,
  options: PollOptions<Result>,
  rules: typeof POLL_RULES = POLL_RULES,
): void {
  expectOptions(action, { ...options.retry, ...options }, rules);
}

/** Throws a TypeError unless it is a task. */
export function expectTask<Result>(task: Task<Result>): void {
  expectOptions("poll", Object(task), { id: "string", read: "function" }, true);
}
