import { jobKey, sendFiles } from "@sluice/http/provider";
import type { Task } from "@sluice/poller";
import type { RunOptions, RunSteps } from "./run.ts";

/** What a job of a model may be given besides its input. */
export interface PredictionJobOptions
  extends Omit<
    RunOptions,
    "wait" | "interval" | "maxInterval" | "deadline" | "cancelOnDeadline" | "clock" | "random" | "signal"
  > {}

/** The steps of a run, ready to spread into `runJob` of `@sluice/job`. */
export interface PredictionJob<Output> {
  /** Tells the model and the input from others, as far as that is possible without reading the files. */
  readonly key: string;
  /** Sends the files of the input; what it resolves to is the input with their addresses. */
  send(context: { readonly signal: AbortSignal }): Promise<Readonly<Record<string, unknown>>>;
  /** Creates the prediction. */
  start(
    input: Readonly<Record<string, unknown>>,
    context: { readonly signal: AbortSignal },
  ): Promise<{ readonly id: string }>;
  task(started: { readonly id: string }): Task<Output>;
}

export function predictionJob(
  { send, create, task }: Omit<RunSteps, "task"> & { task(id: string): Task<unknown> },
  model: string,
  { input, send: sending, concurrency = 4, onSent, onPrediction, ...creating }: PredictionJobOptions,
): PredictionJob<unknown> {
  return {
    key: jobKey("replicate", model, input),
    send: ({ signal }) =>
      sendFiles(input, concurrency, signal, async (file, stop) => {
        const reference = await send(file, { ...sending, signal: stop });
        onSent?.(reference);
        return reference.value;
      }),
    async start(ready, { signal }) {
      // The reply comes at once: a connection that breaks while it waits loses the prediction's id.
      const prediction = await create(model, { ...creating, input: ready, wait: false, signal });
      onPrediction?.(prediction);
      return { id: prediction.id };
    },
    task: ({ id }) => task(id),
  };
}
