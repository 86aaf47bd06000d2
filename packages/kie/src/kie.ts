/// <reference lib="esnext.disposable" preserve="true" />
import { type ClientOptions, createClient, type HttpEvent, jsonBody } from "@sluice/http";
import { type ApiKey, baseUrlOf, environment, keyOf, type Sendable } from "@sluice/http/provider";
import type { Task } from "@sluice/poller";
import { systemClock } from "@sluice/retry";
import type { FileInfo, PartTarget } from "@sluice/uploader";
import { Confidential } from "./confidential.ts";
import { type CreateJobOptions, createJob, type KieJob } from "./job-calls.ts";
import type { JobResult } from "./job-result.ts";
import { jobTask, type TaskOptions } from "./job-task.ts";
import { createCaller } from "./kie-call.ts";
import type { KieFile } from "./kie-file.ts";
import { type JobOptions, type JobSteps, jobSteps } from "./kie-job.ts";
import { send } from "./send.ts";
import { type SendAllOptions, type SendItem, type SendOutcome, sendAll } from "./send-all.ts";
import { type Base64Options, checkBase64, type KieReference, type SendOptions } from "./send-options.ts";
import { type FileOptions, placeOf, uploadTarget } from "./upload-target.ts";
import { type CallbackMessage, type VerifiedCallback, type VerifyOptions, verifyCallback } from "./verify-callback.ts";

/** What `kie` takes besides the options of the client. */
export interface KieOptions extends Omit<ClientOptions, "baseUrl" | "headers">, Base64Options {
  /**
   * The key, or a function that is asked for it before each request, so that keys can be rotated.
   * @default the environment's KIE_API_KEY
   */
  apiKey?: ApiKey | undefined;
  /** Where jobs are. @default KIE_API_BASE_URL, else https://api.kie.ai */
  baseUrl?: string | undefined;
  /**
   * Where files go.
   * @default KIE_UPLOAD_BASE_URL, else https://kieai.redpandaai.co, or `baseUrl` where that is not kie.ai's
   */
  uploadBaseUrl?: string | undefined;
  /** What callbacks are signed with. @default KIE_WEBHOOK_HMAC_KEY */
  webhookKey?: string | undefined;
  /** Whether the key may go over plain HTTP to another machine. */
  insecure?: boolean | undefined;
}

/** What every call takes. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
}

/** kie.ai, with its key and its connections. */
export interface Kie extends AsyncDisposable {
  readonly name: "kie";
  /** Sends something the best way there is, and tells what to give to the model, and why it went that way. */
  send(input: Sendable, options?: SendOptions): Promise<KieReference>;
  /** Sends many, some at once; outcomes come as they are had, and a failure is one of them. */
  sendAll(
    inputs: Iterable<Sendable | SendItem> | AsyncIterable<Sendable | SendItem>,
    options?: SendAllOptions,
  ): AsyncGenerator<SendOutcome, void, undefined>;
  /** The stream upload, for `upload`, `uploadAll` and `UploadStream` of `@sluice/uploader`. */
  target(options?: FileOptions): PartTarget<FileInfo, KieFile, KieFile>;
  /** Creates a job, once: it is sent again only where the server has certainly not acted on it. */
  createJob(model: string, input: Readonly<Record<string, unknown>>, options?: CreateJobOptions): Promise<KieJob>;
  /**
   * What a model makes of an input with files in it, as the steps of `runJob` of `@sluice/job`, which survive a crash:
   * `runJob({ ...kie().job(model, input), journal })`. A file is anything that `send` takes, at any depth; a string is a
   * string.
   */
  job(model: string, input: Readonly<Record<string, unknown>>, options?: JobOptions): JobSteps;
  /** A job as a task for `waitFor`, `poll` and `PollStream` of `@sluice/poller`. */
  task(job: string | Pick<KieJob, "taskId"> | KieJob, options?: TaskOptions): Task<JobResult>;
  /** Verifies the signature of a callback, which vouches for its job's id alone. */
  verifyCallback(message: CallbackMessage | Request, options?: VerifyOptions): Promise<VerifiedCallback>;
  /** The credits that are left. */
  credit(options?: CallOptions): Promise<number>;
  /** A link to a file that kie.ai has made, good for 20 minutes. */
  downloadUrl(url: string | URL, options?: CallOptions): Promise<string>;
}

const API = "https://api.kie.ai";
const UPLOADS = "https://kieai.redpandaai.co";
/** Jobs whose creation is remembered, so that a missing record of one is not taken for the end of it. */
const REMEMBERED = 1_000;

/**
 * Makes a client of kie.ai. It holds connections: `await using` closes them.
 *
 * @throws {TypeError} without a key. {RangeError} for a base URL that would send the key over plain HTTP.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { startEmulator } from "@sluice/emulator";
 * import { kie } from "@sluice/kie";
 *
 * await using emulator = await startEmulator();
 * await using client = kie({ apiKey: "any", baseUrl: emulator.urls.kie });
 * const { method, size } = await client.send(new Blob(["a small file"]));
 * assert.deepEqual([method, size], ["base64", 12]);
 * ```
 */
export function kie(options: KieOptions = {}): Kie {
  const { apiKey, baseUrl, uploadBaseUrl, insecure, base64Limit, allowLarge, webhookKey, ...rest } = options;
  const key = keyOf(apiKey, {
    provider: "kie.ai",
    option: "apiKey",
    variable: "KIE_API_KEY",
    page: "https://kie.ai/api-key",
  });
  const { api, uploads } = hostsOf(baseUrl, uploadBaseUrl, insecure);
  const base64 = checkBase64("use kie.ai", { base64Limit, allowLarge });
  const { retry = {}, clock = systemClock, random, onEvent } = rest;
  const confidential = new Confidential();
  const headers = async () => {
    const used = await key();
    confidential.add(used);
    return { accept: "application/json", authorization: `Bearer ${used}` };
  };
  const tell = (event: HttpEvent) =>
    onEvent?.("error" in event ? { ...event, error: confidential.strikeOutOf(event.error) } : event);
  const client = { ...rest, headers, onEvent: onEvent && tell };
  const apiClient = createClient({ ...client, baseUrl: api });
  const uploadClient = createClient({ ...client, baseUrl: uploads });
  const settings = { retry, clock, random, onEvent, confidential };
  const call = createCaller(apiClient, settings);
  const callUploads = createCaller(uploadClient, settings);
  const now = () => clock.now();
  const created = new Map<string, number>();
  const sendOne = (input: Sendable, how: SendOptions = {}) =>
    send(input, { call: callUploads, base64, retry, now }, how);
  const secret = webhookKey ?? environment("KIE_WEBHOOK_HMAC_KEY");

  const create = async (model: string, input: Readonly<Record<string, unknown>>, how?: CreateJobOptions) => {
    const job = await createJob(call, now, model, input, how);
    created.set(job.taskId, Date.parse(job.createdAt));
    const [oldest] = created.keys();
    if (created.size > REMEMBERED && oldest !== undefined) created.delete(oldest);
    return job;
  };
  const task: Kie["task"] = (job, how) => jobTask(job, { call, now, createdAt: (id) => created.get(id) }, how);

  return {
    name: "kie",
    send: sendOne,
    sendAll: (inputs, how = {}) => sendAll(sendOne, inputs, how),
    target: (how = {}) => uploadTarget(callUploads, "stream", placeOf("make a target of kie.ai", how)),
    createJob: create,
    job: (model, input, how) => jobSteps({ send: sendOne, create, task }, model, input, how),
    task,
    verifyCallback: (message, how = {}) =>
      verifyCallback(message, { now, ...how, webhookKey: how.webhookKey ?? secret }),
    credit: ({ signal } = {}) =>
      call({
        action: "read the credits",
        method: "GET",
        path: "/api/v1/chat/credit",
        idempotent: true,
        is: (data): data is number => typeof data === "number",
        signal,
      }),
    downloadUrl: (url, { signal } = {}) =>
      call({
        action: "make a link",
        method: "POST",
        path: "/api/v1/common/download-url",
        body: jsonBody({ url: String(url) }),
        address: URL.parse(String(url)) ?? undefined,
        idempotent: true,
        is: (data): data is string => typeof data === "string" && URL.canParse(data),
        signal,
      }),
    async [Symbol.asyncDispose]() {
      await Promise.all([apiClient.close(), uploadClient.close()]);
    },
  };
}

/** Where jobs and files go. Who points one of them elsewhere does not mean the key to go to the other's usual place. */
function hostsOf(
  baseUrl: string | undefined,
  uploadBaseUrl: string | undefined,
  insecure: boolean | undefined,
): { api: string; uploads: string } {
  const api = baseUrlOf(baseUrl ?? environment("KIE_API_BASE_URL") ?? API, { provider: "kie.ai", insecure });
  const usual = new URL(api).hostname === new URL(API).hostname ? UPLOADS : api;
  const uploads = baseUrlOf(uploadBaseUrl ?? environment("KIE_UPLOAD_BASE_URL") ?? usual, {
    provider: "kie.ai",
    option: "uploadBaseUrl",
    insecure,
  });
  return { api, uploads };
}
