import type { Snapshot, Task } from "@sluice/poller";
import type { Prediction } from "./api-objects.ts";
import { isOver } from "./api-objects.ts";
import type { PredictionCalls } from "./prediction-calls.ts";

/** What a task needs of its client. */
export interface TaskSettings {
  readonly calls: PredictionCalls;
  /** What becomes of an output: files in it are made sources. */
  readonly outputOf: (output: unknown) => unknown;
}

/** A prediction as a task. One that is known already, and over, is not asked for. */
export function predictionTask<Output = unknown>(
  prediction: string | Prediction,
  { calls, outputOf }: TaskSettings,
): Task<Output> {
  const known = typeof prediction === "string" ? undefined : prediction;
  const id = known?.id ?? prediction;
  if (typeof id !== "string" || id === "") {
    throw new TypeError(`Cannot follow a prediction: "id" must be a text, received ${typeof id}`);
  }
  let first = known && isOver(known) ? known : undefined;
  return {
    id,
    provider: "replicate",
    async read({ signal }) {
      signal.throwIfAborted();
      const read = first ?? (await calls.get(id, { signal, retry: false }));
      first = undefined;
      return snapshotOf<Output>(read, outputOf);
    },
    async cancel({ signal }) {
      await calls.cancel(id, { signal });
    },
  };
}

/** What a prediction says, in the words that all tasks have. */
export function snapshotOf<Output = unknown>(
  prediction: Prediction,
  outputOf: (output: unknown) => unknown,
): Snapshot<Output> {
  const { status, error, output } = prediction;
  switch (status) {
    case "starting":
      return { state: "queued", raw: prediction };
    case "processing":
      return { state: "running", progress: progressOf(prediction.logs), raw: prediction };
    case "succeeded":
      return { state: "succeeded", result: outputOf(output) as Output, raw: prediction };
    case "failed":
      return { state: "failed", error: error ?? "the model did not say why", raw: prediction };
    case "canceled":
      return { state: "canceled", raw: prediction };
    case "aborted":
      return {
        state: "canceled",
        error: new Error("The prediction was aborted: its deadline passed before it began"),
        raw: prediction,
      };
    default:
      // The poller takes what it does not know for running, and not for ever.
      return { state: status as Snapshot["state"], raw: prediction };
  }
}

/** The last share that a progress bar in the logs shows, such as ` 76%|███▌ | 38/50`. */
function progressOf(logs: string): number | undefined {
  const [, percent] = [...logs.slice(-10_000).matchAll(/(?:^|[\r\n])\s*(\d{1,3})%\s*\|/g)].at(-1) ?? [];
  return percent === undefined ? undefined : Number(percent) / 100;
}
