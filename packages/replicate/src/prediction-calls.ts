import { type HttpClient, jsonBody } from "@sluice/http";
import type { RetryOptions } from "@sluice/retry";
import { isPrediction, normalized, type Prediction } from "./api-objects.ts";
import type { CallOptions } from "./file-calls.ts";
import { modelPath } from "./model-path.ts";

/** What a webhook is told of. */
export type WebhookEvent = "start" | "output" | "logs" | "completed";

/** What a prediction is created with. Durations in milliseconds. */
export interface CreatePrediction extends CallOptions {
  /** JSON; files in it as addresses or data URIs, which `send` gives. `run` takes files themselves. */
  input: Readonly<Record<string, unknown>>;
  /**
   * How long the server may hold its answer back for the outcome: 1,000 to 60,000, `true` for 60 seconds.
   * @default false
   */
  wait?: boolean | number | undefined;
  /** After how long the server is to give it up: at least 5,000. */
  cancelAfter?: number | undefined;
  /** An https: URL that is told of the prediction. */
  webhook?: string | URL | undefined;
  /** @default all */
  webhookEvents?: readonly WebhookEvent[] | undefined;
  /**
   * How long, after an abort, the answer is waited for that says what to cancel, and the cancelling.
   * @default 5_000
   */
  cleanupTimeout?: number | undefined;
  /** Told how the cancelling of an aborted prediction went. */
  onEvent?: ((event: CleanupEvent) => void) | undefined;
}

/** A prediction was to be cancelled, because its creation was aborted. */
export interface CleanupEvent {
  readonly type: "cleanup";
  /** False where it may go on at the provider. */
  readonly done: boolean;
  /** Undefined where the answer that names it did not come. */
  readonly id: string | undefined;
  readonly error?: unknown;
}

/** What tells when a request is on its way. */
interface CreateOptions {
  readonly signal: AbortSignal;
  /** Called when an attempt has failed, and nothing is at the server. */
  onRetry(): void;
  onSent(): void;
}

/** The calls of the predictions API, each of them one request. */
export interface PredictionCalls {
  /** Sent again only where the server has certainly not acted on it. */
  create(model: string, request: CreatePrediction, options: CreateOptions): Promise<Prediction>;
  get(id: string, options?: CallOptions & { retry?: false }): Promise<Prediction>;
  cancel(id: string, options?: CallOptions): Promise<Prediction>;
}

const LONGEST_WAIT = 60;
const SHORTEST_DEADLINE = 5_000;

/** The predictions API over a client. */
export function predictionCalls(client: HttpClient, retry: RetryOptions | false): PredictionCalls {
  const at = (id: string) => `/predictions/${encodeURIComponent(id)}`;
  return {
    async create(model, request, { signal, onRetry, onSent }) {
      const { path, body, headers } = creation(model, request);
      const policy: RetryOptions | false = retry && {
        ...retry,
        onRetry(event) {
          onRetry();
          retry.onRetry?.(event);
        },
      };
      const options = { body, headers, idempotent: false, retry: policy, signal, onSent };
      const reply = await client.request("POST", path, options);
      return normalized(await reply.json(isPrediction));
    },
    async get(id, options) {
      const reply = await client.request("GET", at(id), { idempotent: true, ...options });
      return normalized(await reply.json(isPrediction));
    },
    async cancel(id, options) {
      const reply = await client.request("POST", `${at(id)}/cancel`, { idempotent: true, ...options });
      return normalized(await reply.json(isPrediction));
    },
  };
}

/** A checked request, in the order of members that the official client for JavaScript has. */
function creation(
  model: string,
  { input, wait = false, cancelAfter, webhook, webhookEvents }: CreatePrediction,
): { path: string; body: ReturnType<typeof jsonBody>; headers: Record<string, string | undefined> } {
  if (typeof model !== "string") refuse("model", "a string", typeof model);
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    refuse("input", "an object", input === null ? "null" : Array.isArray(input) ? "an array" : typeof input);
  }
  const { path, version } = modelPath(model);
  const body = jsonBody({ webhook, webhook_events_filter: webhookEvents, input, version });
  return { path, body, headers: { prefer: prefer(wait), "cancel-after": cancelAfterOf(cancelAfter) } };
}

function prefer(wait: unknown): string | undefined {
  if (wait === false || wait === 0) return undefined;
  if (wait === true) return "wait";
  if (typeof wait !== "number") refuse("wait", "a number of milliseconds, or a boolean", typeof wait);
  if (!(wait > 0)) throw new RangeError(`${ACTION}: "wait" must be 0 or more, received ${wait}`);
  return `wait=${Math.min(LONGEST_WAIT, Math.ceil(wait / 1000))}`;
}

function cancelAfterOf(time: unknown): string | undefined {
  if (time === undefined) return undefined;
  if (typeof time !== "number") refuse("cancelAfter", "a number of milliseconds", typeof time);
  if (!(time >= SHORTEST_DEADLINE && time < Infinity)) {
    throw new RangeError(`${ACTION}: "cancelAfter" must be at least ${SHORTEST_DEADLINE}, received ${time}`);
  }
  return `${Math.ceil(time / 1000)}s`;
}

const ACTION = "Cannot create a prediction";

function refuse(option: string, expected: string, received: string): never {
  throw new TypeError(`${ACTION}: "${option}" must be ${expected}, received ${received}`);
}
