import { expectOptions, expectSame, type OptionRule, retryRules } from "@sluice/retry";
import type { PollOptions } from "./poll-options.ts";
import type { PollState } from "./poll-state.ts";
import type { Task } from "./task.ts";

/** What the options of a poll must be. */
export const pollRules: Readonly<Record<string, OptionRule>> = {
  ...retryRules,
  interval: 0,
  maxInterval: 0,
  grace: 0,
  readTimeout: 0,
  onSnapshot: "function",
  onEvent: "function",
};

/** Throws unless the options are what they must be. */
export function expectPoll(action: string, options: PollOptions<never>, rules: typeof pollRules = pollRules): void {
  expectOptions(action, { ...options.retry, ...options }, rules);
}

/** Throws a TypeError unless it is a task, and a RangeError unless `resume`, where given, is a poll of it. */
export function expectTask(task: Task<never>, resume?: PollState): void {
  expectOptions("poll", Object(task), { id: "string", read: "function" }, true);
  if (resume === undefined) return;
  expectSame("resume the poll", resume, { version: 1, id: task.id, provider: task.provider });
  expectOptions("resume the poll", resume, { started: 0, attempts: 0 }, true);
  expectOptions("resume the poll", resume, { due: 0, deadline: 0 });
}
