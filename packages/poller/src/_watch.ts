import type { PollState } from "./poll-state.ts";
import type { Snapshot, Task } from "./task.ts";

/** What is known of one task: little, and nothing but data, since there are thousands. */
export interface Watch<Result> {
  readonly task: Task<Result>;
  /** The poll, written down: always as it is now. */
  readonly state: { -readonly [Name in keyof PollState]: PollState[Name] } & { due: number };
  /** The last snapshot, until somebody takes it. */
  news?: Snapshot<Result> | undefined;
  /** Whether there will be no other. */
  over?: boolean;
  /** Of the last read that failed. */
  failure?: ErrorOptions;
  /** Reads that failed, in a row. */
  failures: number;
  /** Since when the states are unknown; Infinity where the last one was known. */
  unknownSince: number;
}
