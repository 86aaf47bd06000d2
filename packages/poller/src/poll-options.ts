import type { Clock, RetryOptions } from "@sluice/retry";
import type { PollEvent } from "./poll-event.ts";
import type { PollState } from "./poll-state.ts";
import type { Snapshot, Task } from "./task.ts";

/** How to follow a task. Durations are in milliseconds. */
export interface PollOptions<Result = unknown> {
  /** Longest wait after the first read; grows by half with each one. @default {500} */
  interval?: number | undefined;
  /** Longest wait at all; a server's hint is not bound by it. @default {10_000, or `interval` where that is more} */
  maxInterval?: number | undefined;
  /** Time for everything, from the call on (in a stage: from the write on). Without one a poll ends when its task does. */
  deadline?: number | undefined;
  /** Whether the remote task is cancelled, where it can be, when the deadline passes. @default {false} */
  cancelOnDeadline?: boolean | undefined;
  /** Whether the remote task is cancelled, where it can be, on an abort. @default {false} */
  cancelOnAbort?: boolean | undefined;
  /** How long from the start on a read that fails with `status` 404 or 422 means "not yet". @default {10_000} */
  grace?: number | undefined;
  /** Time for one read; one that takes longer is aborted, and counts as a transient failure. @default {60_000} */
  readTimeout?: number | undefined;
  /**
   * How many failed reads in a row are tolerated, of which kind, and how long to wait after one: `attempts` (10 by
   * default), `base`, `cap`, `retryable` and `budget`, with the meaning that `retry` gives them. `false` tolerates none.
   */
  retry?: Pick<RetryOptions, "attempts" | "base" | "cap" | "retryable" | "budget"> | false | undefined;
  /** Ends everything at once; the promise rejects with its reason. */
  signal?: AbortSignal | undefined;
  /** Called with every snapshot, the last one included. What it throws ends the poll. */
  onSnapshot?: ((snapshot: Snapshot<Result>, task: Task<Result>) => void) | undefined;
  /** Called with what no snapshot tells. What it throws ends the poll. */
  onEvent?: ((event: PollEvent) => void) | undefined;
  /** A poll that was written down, to go on with. */
  resume?: PollState | undefined;
  /** Where time comes from. @default {systemClock} */
  clock?: Clock | undefined;
  /** From 0 to below 1. @default {Math.random} */
  random?: (() => number) | undefined;
}
