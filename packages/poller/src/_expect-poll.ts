import { expectOptions, type OptionRule } from "@sluice/retry";
import type { PollOptions } from "./poll-options.ts";
import type { PollState } from "./poll-state.ts";
import type { Task } from "./task.ts";

const RULES: Readonly<Record<string, OptionRule>> = {
  interval: 0,
  maxInterval: 0,
  deadline: 0,
  grace: 0,
  readTimeout: 0,
  base: 0,
  cap: 0,
  attempts: 1,
  onSnapshot: "function",
  onEvent: "function",
  random: "function",
  retryable: "function",
};

/** Throws unless the options are what they must be; `more` are those of a `PollStream`. */
export function expectPoll(action: string, options: PollOptions<never>, more?: typeof RULES): void {
  expectOptions(action, { ...options.retry, ...options }, { ...RULES, ...more });
}

/** Throws a TypeError unless it is a task, and a RangeError unless `resume`, where given, is a poll of it. */
export function expectTask(task: Task<never>, resume?: PollState): void {
  expectOptions("poll", Object(task), { id: "string", read: "function" }, true);
  if (resume === undefined) return;
  const { version, id, provider, due = 0, deadline = 0 } = Object(resume);
  if (version !== 1 || id !== task.id || provider !== task.provider) {
    throw new RangeError(
      `Cannot poll "${task.id}": "resume" must be its toJSON() of version 1, received ${JSON.stringify(resume)}`,
    );
  }
  const times = { started: 0, attempts: 0, due: 0, deadline: 0 };
  expectOptions("resume the poll", { ...resume, due, deadline }, times, true);
}
