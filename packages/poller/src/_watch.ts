import type { Clock } from "@sluice/retry";
import type { PollState } from "./poll-state.ts";
import type { Task } from "./task.ts";

/** What is known of one task: little, and nothing but data, since there are thousands. */
export interface Watch<Result> {
  readonly task: Task<Result>;
  readonly started: number;
  /** Reads begun. */
  attempts: number;
  /** When to read next. */
  due: number;
  /** When to give up; Infinity for never. */
  deadline: number;
  /** Reads that failed, in a row. */
  failures: number;
  /** Since when its states are unknown ones, where the last one was. */
  oddSince: number | undefined;
  /** Of the last read that failed. */
  failure?: ErrorOptions;
  /** Whether the end was seen. */
  over?: boolean;
}

/** Begins to watch a task for so long, or goes on with it. */
export function watchOf<Result>(
  task: Task<Result>,
  clock: Clock,
  time: number = Infinity,
  resume?: PollState,
): Watch<Result> {
  const { started = clock.now(), attempts = 0, due = started, deadline = started + time } = resume ?? {};
  return { task, started, attempts, due, deadline, failures: 0, oddSince: undefined };
}

/** The poll, written down; JSON has no Infinity. */
export function stateOf({ task, started, attempts, due, deadline }: Watch<unknown>): PollState {
  return {
    version: 1,
    id: task.id,
    provider: task.provider,
    started,
    attempts,
    due,
    deadline: deadline < Infinity ? deadline : undefined,
  };
}
