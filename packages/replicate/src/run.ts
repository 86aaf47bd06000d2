import { type Reference, type Sendable, sendFiles } from "@sluice/http/provider";
import { type PollOptions, type Task, waitFor } from "@sluice/poller";
import type { Prediction } from "./api-objects.ts";
import type { CreatePrediction } from "./prediction-calls.ts";
import type { SendOptions } from "./send.ts";

/** How a model is run. */
export interface RunOptions
  extends Omit<CreatePrediction, "input" | "signal" | "onEvent">,
    Pick<PollOptions, "interval" | "maxInterval" | "deadline" | "cancelOnDeadline" | "clock" | "random"> {
  /** JSON with anything that `send` takes in it, at any depth. A string is a string, whatever file it may name. */
  input: Readonly<Record<string, unknown>>;
  /**
   * How long the call that creates the prediction may be held back for the outcome, in milliseconds. After it the
   * outcome is asked for. Short by default: a connection that breaks while it waits loses the prediction's id.
   * @default 3_000
   */
  wait?: boolean | number | undefined;
  /** How the files in the input are sent. */
  send?: Omit<SendOptions, "signal" | "method" | "filename" | "type" | "metadata"> | undefined;
  /**
   * Files that are sent at once.
   * @default 4
   */
  concurrency?: number | undefined;
  /** Ends everything at once, and cancels the prediction; the promise rejects with its reason. */
  signal?: AbortSignal | undefined;
  /** Told of each file that was sent. */
  onSent?: ((reference: Reference) => void) | undefined;
  /** Told of the prediction each time that something is known of it. */
  onPrediction?: ((prediction: Prediction) => void) | undefined;
  /** Told of retries, and of how cancelling went. */
  onEvent?: ((event: { readonly type: string; readonly error?: unknown }) => void) | undefined;
}

/** What a run is made of. */
export interface RunSteps {
  send(input: Sendable, options: SendOptions): Promise<Reference>;
  create(model: string, request: CreatePrediction): Promise<Prediction>;
  task(prediction: Prediction): Task<unknown>;
}

/** Sends the files in the input, creates a prediction, and waits for what comes out. */
export async function run(
  { send, create, task }: RunSteps,
  model: string,
  { input, send: sending, concurrency = 4, wait = 3_000, signal, onSent, onPrediction, ...options }: RunOptions,
): Promise<unknown> {
  signal?.throwIfAborted();
  const { interval, maxInterval, deadline, cancelOnDeadline = true, clock, random, ...creating } = options;
  const ready = await sendFiles(input, concurrency, signal, async (file, stop) => {
    const reference = await send(file, { ...sending, signal: stop });
    onSent?.(reference);
    return reference.value;
  });
  const prediction = await create(model, { ...creating, input: ready, wait, signal });
  onPrediction?.(prediction);
  return waitFor(task(prediction), {
    interval,
    maxInterval,
    deadline,
    clock,
    random,
    cancelOnDeadline,
    cancelOnAbort: true,
    signal,
    onSnapshot: ({ raw }) => onPrediction?.(raw as Prediction),
    onEvent: options.onEvent,
  });
}
