import type { PollState } from "./poll-state.ts";
import type { Task } from "./task.ts";

/** Throws a TypeError unless it is a task, and a RangeError unless `state`, where given, is a poll of it. */
export function expectTask(task: Task<never>, state?: PollState): void {
  if (typeof task?.id !== "string" || typeof task.read !== "function") {
    throw new TypeError(`Cannot poll: a task must have an "id", a string, and a "read", a function`);
  }
  if (state === undefined) return;
  const { version, id, provider, started, attempts, due = 0, deadline = 0 } = Object(state) as PollState;
  const times = [started, attempts, due, deadline].every((value) => typeof value === "number" && value >= 0);
  if (version !== 1 || id !== task.id || provider !== task.provider || !times) {
    throw new RangeError(
      `Cannot poll "${task.id}": "resume" must be its toJSON() of version 1, received ${JSON.stringify(state)}`,
    );
  }
}
