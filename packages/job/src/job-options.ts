import type { PollOptions, Snapshot } from "@sluice/poller";
import type { Journal, Progress } from "@sluice/uploader";
import type { JobEvent } from "./job-event.ts";

/** Where a job stands. */
export interface JobProgress<Result = unknown> {
  readonly step: "send" | "start" | "task";
  /** Of the step, from 0 to 1, where that is known. */
  readonly fraction?: number | undefined;
  /** While the bytes are sent. */
  readonly bytes?: Progress;
  /** What the task said last. */
  readonly snapshot?: Snapshot<Result>;
}

/** How to run a job. Those of `poll` say how the task is followed; durations are in milliseconds. */
export interface JobOptions<Started = unknown, Result = unknown>
  extends Omit<PollOptions<Result>, "resume" | "onSnapshot" | "onEvent"> {
  /** Where the job is written down. Without one nothing survives the process. */
  journal?: Journal | undefined;
  /** What the job is called there. Needed with a journal. */
  key?: string | undefined;
  /** Where it is not known whether the job was started: start it again. @default {false} */
  startAgain?: boolean | undefined;
  /** Where it is not known whether the job was started: it was, and this is what `start` would have resolved to. */
  started?: Started | undefined;
  /** How long a step may go on after an abort. `start` has it to answer, `send` to clean up. @default {10_000} */
  cleanupTimeout?: number | undefined;
  /** Called as often as the bytes and the task report. What it throws ends the job. */
  onProgress?: ((progress: JobProgress<Result>) => void) | undefined;
  /** Told what happens besides. What it throws ends the job. */
  onEvent?: ((event: JobEvent) => void) | undefined;
}
