import { jobKey, type Sendable, sendFiles } from "@sluice/http/provider";
import type { Task } from "@sluice/poller";
import type { CreateJobOptions, KieJob } from "./job-calls.ts";
import type { JobResult } from "./job-result.ts";
import type { KieReference, SendOptions } from "./send-options.ts";

type Input = Readonly<Record<string, unknown>>;

/** How the files of a job's input go, and who is told of its end. */
export interface JobOptions extends Omit<CreateJobOptions, "signal"> {
  /** How the files in the input are sent. */
  send?: Omit<SendOptions, "signal"> | undefined;
  /** Files that are sent at once. @default 4 */
  concurrency?: number | undefined;
}

/** A job as the steps of `runJob` of `@sluice/job`. */
export interface JobSteps {
  /** Tells the model and the input from others, as far as that is possible without reading the files. */
  readonly key: string;
  /** Sends the files of the input; what it resolves to is the input with their addresses. */
  send(context: { readonly signal: AbortSignal }): Promise<Input>;
  /** Creates the job. */
  start(input: Input, context: { readonly signal: AbortSignal }): Promise<KieJob>;
  task(job: KieJob): Task<JobResult>;
}

export interface JobCalls {
  send(input: Sendable, options: SendOptions): Promise<KieReference>;
  create(model: string, input: Input, options: CreateJobOptions): Promise<KieJob>;
  task(job: KieJob): Task<JobResult>;
}

export function jobSteps(
  { send, create, task }: JobCalls,
  model: string,
  input: Input,
  { send: sending, concurrency = 4, ...creating }: JobOptions = {},
): JobSteps {
  return {
    key: jobKey("kie", model, input),
    send: ({ signal }) =>
      sendFiles(
        input,
        concurrency,
        signal,
        async (file, stop) => (await send(file, { ...sending, signal: stop })).value,
      ),
    start: (ready, { signal }) => create(model, ready, { ...creating, signal }),
    task,
  };
}
