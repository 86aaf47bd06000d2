/// <reference lib="esnext.disposable" preserve="true" />
import { type ClientOptions, createClient } from "@sluice/http";
import { type ApiKey, baseUrlOf, environment, keyOf, type Reference, type Sendable } from "@sluice/http/provider";
import type { Task } from "@sluice/poller";
import { checkLimit } from "./choose-way.ts";
import type { PipelineInput } from "./input.ts";
import { speakingClient } from "./oneai-error.ts";
import { pipelineCalls } from "./pipeline-calls.ts";
import { type PipelineJob, pipelineJob } from "./pipeline-job.ts";
import type { PipelineResult } from "./pipeline-result.ts";
import { pipelineTask } from "./pipeline-task.ts";
import { type RunOptions, run, type StartOptions, start } from "./run.ts";
import { type Batch, type BatchOptions, runBatch } from "./run-batch.ts";
import { type SendOptions, send } from "./send.ts";
import type { Started } from "./send-pipeline.ts";
import { type Step, wireSteps } from "./steps.ts";

/** What `oneai` takes besides the options of the client. */
export interface OneAiOptions extends Omit<ClientOptions, "baseUrl" | "headers"> {
  /**
   * The key, or a function that is asked for it before each request, so that keys can be rotated.
   * @default the environment's ONEAI_API_KEY
   */
  apiKey?: ApiKey | undefined;
  /** Without `/api/v0`. @default ONEAI_BASE_URL, else https://api.oneai.com */
  baseUrl?: string | undefined;
  /** Whether the key may go over plain HTTP to another machine. */
  insecure?: boolean | undefined;
  /**
   * Bytes up to which a file goes inside of JSON, as base64.
   * @default 1_000_000
   */
  base64Limit?: number | undefined;
}

/** OneAI, with its key and its connections. */
export interface OneAi extends AsyncDisposable {
  readonly name: "oneai";
  /** Runs steps on an input the best way there is, and waits for what comes out. */
  run(steps: Step | readonly Step[], input: PipelineInput, options?: RunOptions): Promise<PipelineResult>;
  /** Makes a task of an input and its steps, to be followed by `task`. */
  start(steps: Step | readonly Step[], input: PipelineInput, options?: StartOptions): Promise<Started>;
  /** What was started, as a task for `waitFor`, `poll` and `PollStream` of `@sluice/poller`. */
  task(started: string | Pick<Started, "id">): Task<PipelineResult>;
  /**
   * What `start` and `task` do as the steps of `runJob` of `@sluice/job`, which survive a crash:
   * `runJob({ ...oneai().job(steps, input), journal })`.
   */
  job(
    steps: Step | readonly Step[],
    input: PipelineInput,
    options?: Omit<StartOptions, "signal" | "onProgress">,
  ): PipelineJob;
  /** A stage that runs the same steps on every input, some at once. */
  runBatch(steps: Step | readonly Step[], options?: BatchOptions): Batch;
  /**
   * A small file as base64, a URL as it is. More bytes need the steps with them.
   * @throws {NeedsStepsError} for bytes above `base64Limit`.
   */
  send(input: Sendable, options?: SendOptions): Promise<Reference>;
}

/**
 * Makes a client of OneAI. It holds connections: `await using` closes them.
 *
 * @throws {TypeError} without a key. {RangeError} for a base URL that would send the key over plain HTTP.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { startEmulator } from "@sluice/emulator";
 * import { oneai } from "@sluice/oneai";
 *
 * await using emulator = await startEmulator();
 * await using client = oneai({ apiKey: "any", baseUrl: emulator.urls.oneai });
 * const { output } = await client.run(["keywords"], "Sluices let water through.");
 * assert.equal(output[0]?.labels[0]?.skill, "keywords");
 * ```
 */
export function oneai(options: OneAiOptions = {}): OneAi {
  const { apiKey, insecure, base64Limit = 1_000_000, baseUrl: given, ...rest } = options;
  const key = keyOf(apiKey, {
    provider: "OneAI",
    option: "apiKey",
    variable: "ONEAI_API_KEY",
    page: "https://studio.oneai.com/settings/api-keys",
  });
  const baseUrl = baseUrlOf(given ?? environment("ONEAI_BASE_URL") ?? "https://api.oneai.com", {
    provider: "OneAI",
    insecure,
  });
  checkLimit("use OneAI", "base64Limit", base64Limit);
  const http = speakingClient(
    createClient({
      ...rest,
      baseUrl,
      headers: async () => ({ accept: "application/json", "api-key": await key() }),
    }),
  );
  const redact = async <Value>(value: Value): Promise<Value> => struckOut(value, await key());
  const { retry = {}, timeouts } = options;
  const calls = pipelineCalls(http, { baseUrl, retry, timeouts, redact });
  const settings = { calls, baseUrl: new URL(baseUrl), base64Limit, retry };
  return {
    name: "oneai",
    run: (steps, input, how) => run(settings, steps, input, how),
    start: (steps, input, how) => start(settings, steps, input, how),
    task: (started) => pipelineTask(started, calls),
    job: (steps, input, how) =>
      pipelineJob(
        steps,
        input,
        (each) => start(settings, steps, input, each),
        (started) => pipelineTask(started, calls),
        how,
      ),
    runBatch(steps, how) {
      const wire = wireSteps("run a batch", steps);
      return runBatch((input, each) => run(settings, wire, input, each), how);
    },
    send: (input, how = {}) => send(input, settings, how),
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
}

/** The same without the key, should the service have echoed it. */
function struckOut<Value>(value: Value, key: string): Value {
  const secret = JSON.stringify(key).slice(1, -1);
  const text = JSON.stringify(value);
  return key.length < 6 || !text.includes(secret) ? value : JSON.parse(text.replaceAll(secret, "[redacted]"));
}
