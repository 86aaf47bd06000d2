import { jobKey } from "@sluice/http/provider";
import type { Task } from "@sluice/poller";
import type { UploadOptions } from "@sluice/uploader";
import type { PipelineInput } from "./input.ts";
import type { PipelineResult } from "./pipeline-result.ts";
import type { StartOptions } from "./run.ts";
import type { Started } from "./send-pipeline.ts";
import type { Step } from "./steps.ts";

/** A run as the steps of `runJob` of `@sluice/job`. Sending makes the task: there is no step between. */
export interface PipelineJob {
  /** Tells the steps and the input from others, as far as that is possible without reading it. */
  readonly key: string;
  send(context: Required<Pick<UploadOptions, "onProgress">> & { readonly signal: AbortSignal }): Promise<Started>;
  task(started: Pick<Started, "id">): Task<PipelineResult>;
}

export function pipelineJob(
  steps: Step | readonly Step[],
  input: PipelineInput,
  start: (options: StartOptions) => Promise<Started>,
  task: PipelineJob["task"],
  options: Omit<StartOptions, "signal" | "onProgress"> = {},
): PipelineJob {
  return {
    key: jobKey("oneai", steps, input),
    send: ({ signal, onProgress }) => start({ ...options, signal, onProgress }),
    task,
  };
}
