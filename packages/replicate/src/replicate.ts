/// <reference lib="esnext.disposable" preserve="true" />
import { type ClientOptions, createClient } from "@sluice/http";
import { type ApiKey, baseUrlOf, environment, keyOf, type Reference, type Sendable } from "@sluice/http/provider";
import type { Task } from "@sluice/poller";
import type { PartTarget } from "@sluice/uploader";
import type { Prediction, ReplicateFile } from "./api-objects.ts";
import { createPrediction } from "./create-prediction.ts";
import { type CallOptions, type FileCalls, type FileDetails, fileCalls } from "./file-calls.ts";
import { type FileSession, fileTarget } from "./file-target.ts";
import { hintedClient, hintedRetry } from "./hinted-client.ts";
import { outputStream, type StreamOptions } from "./output-stream.ts";
import { outputsOf } from "./outputs.ts";
import { type CreatePrediction, predictionCalls } from "./prediction-calls.ts";
import { type PredictionJob, type PredictionJobOptions, predictionJob } from "./prediction-job.ts";
import { predictionTask } from "./prediction-task.ts";
import { type RunOptions, run } from "./run.ts";
import { checkDataUriLimit, type SendOptions, send } from "./send.ts";
import { type VerifyOptions, verifyWebhook, type WebhookMessage } from "./verify-webhook.ts";

/** What `replicate` takes besides the options of the client. */
export interface ReplicateOptions extends Omit<ClientOptions, "baseUrl" | "headers"> {
  /**
   * The token, or a function that is asked for it before each request, so that tokens can be rotated.
   * @default the environment's REPLICATE_API_TOKEN
   */
  apiToken?: ApiKey | undefined;
  /** @default REPLICATE_BASE_URL, else https://api.replicate.com/v1 */
  baseUrl?: string | undefined;
  /** Whether the token may go over plain HTTP to another machine. */
  insecure?: boolean | undefined;
  /**
   * Bytes below which a file goes as a data URI, up to 1_000_000; 0 for never.
   * @default 256_000
   */
  dataUriLimit?: number | undefined;
}

/** What can be done with files. */
export interface Files extends Omit<FileCalls, "post"> {
  /** Uploads a file of at most 100 MB. It lives for a day. */
  create(input: Sendable, options?: Omit<SendOptions, "method" | "dataUriLimit">): Promise<ReplicateFile>;
}

/** Replicate, with its token and its connections. */
export interface Replicate extends AsyncDisposable {
  readonly name: "replicate";
  readonly files: Files;
  /** Sends something the best way there is, and tells what to give to the model, and why it went that way. */
  send(input: Sendable, options?: SendOptions): Promise<Reference<ReplicateFile>>;
  /** The files API as a target for `upload` and `UploadStream` of `@sluice/uploader`: a file in one part. */
  target(details?: FileDetails): PartTarget<FileSession, ReplicateFile, ReplicateFile>;
  /** Creates a prediction, once: it is sent again only where the server has certainly not acted on it. */
  createPrediction(model: string, request: CreatePrediction): Promise<Prediction>;
  /** A prediction as a task for `waitFor`, `poll` and `PollStream` of `@sluice/poller`. */
  task<Output = unknown>(prediction: string | Prediction): Task<Output>;
  /** Sends the files in the input, creates a prediction, waits for it, and gives its output, files in it as sources. */
  run<Output = unknown>(model: string, options: RunOptions): Promise<Output>;
  /**
   * What `run` does as the steps of `runJob` of `@sluice/job`, which survive a crash:
   * `runJob({ ...replicate().job(model, { input }), journal })`.
   */
  job<Output = unknown>(model: string, options: PredictionJobOptions): PredictionJob<Output>;
  /** The output of a prediction while it is made, piece by piece. */
  stream(prediction: Pick<Prediction, "id" | "urls">, options?: StreamOptions): ReadableStream<string>;
  /** Verifies a webhook with the account's own secret, which is asked for once, unless one is given. */
  verifyWebhook(message: WebhookMessage | Request, options?: Partial<VerifyOptions>): Promise<Prediction>;
  /** The secret that webhooks are signed with. */
  webhookSecret(options?: CallOptions): Promise<string>;
}

/**
 * Makes a client of Replicate. It holds connections: `await using` closes them.
 *
 * @throws {TypeError} without a token. {RangeError} for a base URL that would send the token over plain HTTP.
 */
export function replicate(options: ReplicateOptions = {}): Replicate {
  const { apiToken, insecure, dataUriLimit: limit = 256_000, ...rest } = options;
  const key = keyOf(apiToken, {
    provider: "Replicate",
    option: "apiToken",
    variable: "REPLICATE_API_TOKEN",
    page: "https://replicate.com/account/api-tokens",
  });
  const given = options.baseUrl ?? environment("REPLICATE_BASE_URL") ?? "https://api.replicate.com/v1";
  const baseUrl = baseUrlOf(given, { provider: "Replicate", insecure });
  const dataUriLimit = checkDataUriLimit("Cannot use Replicate", limit);
  const authorization = async () => `Bearer ${await key()}`;
  const retry = hintedRetry(options.retry);
  const http = hintedClient(
    createClient({
      ...rest,
      // Images come as data URIs within a prediction.
      maxReply: options.maxReply ?? 64 * 1024 * 1024,
      retry,
      baseUrl,
      headers: async () => ({ accept: "application/json", authorization: await authorization() }),
    }),
  );
  const files = fileCalls(http, retry);
  const calls = predictionCalls(http, retry);
  const downloads = { baseUrl: new URL(baseUrl), authorization, fetch: options.fetch };
  const outputOf = (output: unknown) => outputsOf(output, downloads);
  const sendIt = (input: Sendable, how: SendOptions = {}) =>
    send(input, { files, baseUrl: downloads.baseUrl, dataUriLimit }, how);
  const create = (model: string, request: CreatePrediction) => createPrediction(calls, model, request);
  const task = <Output>(prediction: string | Prediction) => predictionTask<Output>(prediction, { calls, outputOf });
  const webhookSecret = async (how: CallOptions = {}) => {
    const reply = await http.request("GET", "/webhooks/default/secret", { idempotent: true, ...how });
    return (await reply.json(isSecret)).key;
  };
  let secret: Promise<string> | undefined;

  return {
    name: "replicate",
    files: {
      create: async (input, how) => (await sendIt(input, { ...how, method: "upload" })).raw as ReplicateFile,
      get: (id, how) => files.get(id, how),
      list: (how) => files.list(how),
      delete: (id, how) => files.delete(id, how),
    },
    send: sendIt,
    target: (details = {}) => fileTarget(files, details),
    createPrediction: create,
    task,
    run: <Output>(model: string, how: RunOptions) => run({ send: sendIt, create, task }, model, how) as Promise<Output>,
    job: <Output>(model: string, how: PredictionJobOptions) =>
      predictionJob({ send: sendIt, create, task }, model, how) as PredictionJob<Output>,
    stream: (prediction, how) => outputStream(http, prediction, how),
    async verifyWebhook(message, how = {}) {
      if (how.secret !== undefined) return verifyWebhook(message, { ...how, secret: how.secret });
      secret ??= webhookSecret();
      secret.catch(() => {
        secret = undefined;
      });
      return verifyWebhook(message, { ...how, secret: await secret });
    },
    webhookSecret,
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
}

function isSecret(value: unknown): value is { readonly key: string } {
  return typeof Object(value).key === "string";
}
