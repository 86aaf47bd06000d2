import type { Task } from "@sluice/poller";
import type { Journal, Progress } from "@sluice/uploader";

/** What `send` and `start` are given. As it is, it will do as options of an `upload`. */
export interface StepContext {
  /** Ends the step. `start` sees an abort only after `cleanupTimeout`: its answer is what tells what was started. */
  readonly signal: AbortSignal;
  /** Where uploads within the step are written down, so that they are resumed with the job; undefined where the job has none. */
  readonly journal: Journal | undefined;
  /** What an upload within the step is called there. Several need one each: `${key} ${name}`. */
  readonly key: string | undefined;
  /** Where the bytes stand. */
  readonly onProgress: (progress: Progress) => void;
}

/** A job whose sending makes the task: it happens once. */
export interface SendJob<Started, Result> {
  /** Sends the bytes, and by that starts the task. Resolves to plain JSON, from which `task` can be made again. */
  send(context: StepContext): Promise<Started>;
  start?: undefined;
  /** The task, from what made it. */
  task(started: Started): Task<Result>;
}

/** A job whose task is started once the bytes are there. */
export interface StartJob<Sent, Started, Result> {
  /** Sends the bytes, by one upload or several. Resolves to plain JSON. What is interrupted is called again. */
  send(context: StepContext): Promise<Sent>;
  /** Starts the task, once. Resolves to plain JSON, from which `task` can be made again. */
  start(sent: Sent, context: StepContext): Promise<Started>;
  /** The task, from what `start` resolved to. */
  task(started: Started): Task<Result>;
}

/** A job of either kind, as what runs it sees it. */
export interface AnyJob<Result> {
  send(context: StepContext): Promise<unknown>;
  start?: ((sent: unknown, context: StepContext) => Promise<unknown>) | undefined;
  task(started: unknown): Task<Result>;
}
