import type { AcceptOptions } from "@sluice/http/provider";
import { type PollOptions, waitFor } from "@sluice/poller";
import { type Clock, DeadlineError, type RetryOptions, systemClock } from "@sluice/retry";
import { checkChoice, checkLimit, chooseWay, type Way, type WayOptions } from "./choose-way.ts";
import { type InputOptions, type PipelineInput, prepareInput } from "./input.ts";
import type { PipelineCalls } from "./pipeline-calls.ts";
import { type PipelineOptions, wireRequest } from "./pipeline-request.ts";
import type { PipelineResult } from "./pipeline-result.ts";
import { pipelineTask } from "./pipeline-task.ts";
import { type Pending, type Started, sendAsync, sendSync, type TransferOptions } from "./send-pipeline.ts";
import { type Step, wireSteps } from "./steps.ts";

/** How a pipeline is started. */
export interface StartOptions extends PipelineOptions, AcceptOptions, InputOptions, TransferOptions {
  /** Told how the input goes (`way`), and of retries. */
  onEvent?: ((event: RunEvent) => void) | undefined;
}

/** How a pipeline is run. */
export interface RunOptions
  extends StartOptions,
    WayOptions,
    Pick<PollOptions<PipelineResult>, "maxInterval" | "grace" | "readTimeout" | "onSnapshot"> {
  /** Longest wait after the first look at a task, in milliseconds; grows by half with each one. @default 1_000 */
  interval?: number | undefined;
  /** Time for everything, in milliseconds. A task that is not over by then goes on at the service. @default none */
  deadline?: number | undefined;
  /** Told of the task, once there is one: `task(id)` takes it up again, in another process, too. */
  onStarted?: ((started: Started) => void) | undefined;
}

/** What `onEvent` is told. */
export type RunEvent =
  | ({ readonly type: "way" } & Way)
  | { readonly type: "retry" | "cancel"; readonly error?: unknown };

/** What a client knows that every run needs. */
export interface RunSettings {
  readonly calls: PipelineCalls;
  readonly baseUrl: URL;
  readonly base64Limit: number;
  readonly retry: RetryOptions | false;
}

/** Makes a task of an input and its steps. */
export async function start(
  settings: RunSettings,
  steps: Step | readonly Step[],
  input: PipelineInput,
  options: StartOptions = {},
): Promise<Started> {
  const action = "start a pipeline";
  return withInput(action, settings, steps, input, { ...options, mode: "async" }, sendAsync);
}

/** Runs steps on an input, and waits for what comes out, whichever way that takes. */
export async function run(
  settings: RunSettings,
  steps: Step | readonly Step[],
  input: PipelineInput,
  options: RunOptions = {},
): Promise<PipelineResult> {
  const action = "run a pipeline";
  const { deadline, clock = systemClock, signal, interval = 1_000, maxInterval, grace, readTimeout, retry } = options;
  if (deadline !== undefined) checkLimit(action, "deadline", deadline);
  const began = clock.now();
  const limit = timeLimit(deadline, clock);
  const either = signal && limit ? AbortSignal.any([signal, limit.signal]) : (signal ?? limit?.signal);
  let sent: PipelineResult | Started;
  try {
    sent = await withInput<PipelineResult | Started>(
      action,
      settings,
      steps,
      input,
      { ...options, signal: either },
      (pending) => (pending.way.mode === "sync" ? sendSync(pending) : sendAsync(pending)),
    );
  } finally {
    limit?.end();
  }
  if ("output" in sent) return sent;
  options.onStarted?.(sent);
  return waitFor(pipelineTask(sent, settings.calls), {
    interval,
    maxInterval,
    grace,
    readTimeout,
    retry,
    signal,
    clock,
    random: options.random,
    deadline: deadline === undefined ? undefined : Math.max(1, deadline - (clock.now() - began)),
    onSnapshot: options.onSnapshot,
    onEvent: ({ type, ...event }) => options.onEvent?.({ type, ...event }),
  });
}

/** Looks at the input, decides how it goes, and lets go of it when it is gone. */
async function withInput<Sent>(
  action: string,
  { calls, baseUrl, base64Limit: usual, retry }: RunSettings,
  steps: Step | readonly Step[],
  input: PipelineInput,
  options: StartOptions & WayOptions,
  send: (pending: Pending) => Promise<Sent>,
): Promise<Sent> {
  const wire = wireSteps(action, steps);
  const { mode, method, base64Limit = usual, maxBytes, onEvent, signal } = options;
  checkChoice(action, "mode", mode, ["sync", "async"]);
  checkChoice(action, "method", method, ["url", "base64", "upload"]);
  checkLimit(action, "base64Limit", base64Limit);
  if (maxBytes !== undefined) checkLimit(action, "maxBytes", maxBytes);
  signal?.throwIfAborted();
  const prepared = await prepareInput(action, input, options, baseUrl);
  try {
    const way = chooseWay(prepared, { mode, method, base64Limit });
    onEvent?.({ type: "way", ...way });
    const request = wireRequest(wire, prepared.described, options);
    const tell = onEvent as Pending["onEvent"];
    const how = { ...options, retry: options.retry ?? retry };
    return await send({ calls, prepared, way, request, maxBytes, options: how, onEvent: tell });
  } finally {
    if (prepared.kind === "bytes") await prepared.close();
  }
}

/** Ends what is being sent when the time is up. */
function timeLimit(deadline: number | undefined, clock: Clock): { signal: AbortSignal; end(): void } | undefined {
  if (deadline === undefined || deadline === Infinity) return undefined;
  const stop = new AbortController();
  const timer = clock.setTimeout(() => stop.abort(new DeadlineError(1, deadline)), Math.min(deadline, 2_000_000_000));
  return { signal: stop.signal, end: () => clock.clearTimeout(timer) };
}
