import type { Body } from "@sluice/http";
import type { RetryOptions } from "@sluice/retry";
import { type UploadOptions, upload } from "@sluice/uploader";
import type { Way } from "./choose-way.ts";
import type { Prepared } from "./input.ts";
import { type CallOptions, type FileBody, inputBody, type PipelineCalls } from "./pipeline-calls.ts";
import type { PipelineResult } from "./pipeline-result.ts";
import { type FileRequest, pipelineTarget } from "./pipeline-target.ts";

/** How bytes are sent. */
export interface TransferOptions
  extends Pick<UploadOptions, "bandwidth" | "stallTimeout" | "signal" | "onProgress" | "clock" | "random"> {
  /** When a request that has certainly not been acted on goes again, and a failed look at a task; `false` for never. */
  retry?: RetryOptions | false | undefined;
  /** The Content-Type of a request that is nothing but a file. @default "application/json", as it is documented */
  bodyType?: string | undefined;
}

/** A task that was made, as plain JSON. */
export interface Started {
  /** What `task` takes. */
  readonly id: string;
  readonly status: string;
  readonly method: Way["method"];
  readonly reason: string;
  readonly size?: number;
  /** The service's own answer. */
  readonly raw: unknown;
}

/** A request that is about to be sent. */
export interface Pending {
  readonly calls: PipelineCalls;
  readonly prepared: Prepared;
  readonly way: Way;
  /** Its JSON, the input left aside. */
  readonly request: object;
  readonly maxBytes: number | undefined;
  readonly options: TransferOptions & { readonly retry: RetryOptions | false };
  readonly onEvent: ((event: { readonly type: string }) => void) | undefined;
}

/** For calls that wait for their result, in which nothing may move for long: the client's own limits are enough. */
const PATIENT = 2_000_000_000;
const BEFORE_INPUT = '{"input":"'.length;

/** Sends a request and waits for its result. */
export function sendSync(pending: Pending): Promise<PipelineResult> {
  const { calls, request } = pending;
  return deliver(pending, PATIENT, calls.run, (file, how) => calls.runFile(request, file, how));
}

/** Sends a request that makes a task. */
export async function sendAsync(pending: Pending): Promise<Started> {
  const { calls, prepared, way, request, options } = pending;
  const raw = await deliver(pending, options.stallTimeout, calls.start, (file, how) =>
    calls.upload(request, file, how),
  );
  const size = prepared.kind === "bytes" ? prepared.source.size : undefined;
  const { method, reason } = way;
  return { id: raw.task_id, status: raw.status ?? "QUEUED", method, reason, ...(size !== undefined && { size }), raw };
}

/** Sends an input as it is to go: in the JSON of a request, as base64 in it, or as the body of one. */
function deliver<Answer>(
  { prepared, way, request, maxBytes, onEvent, options }: Pending,
  stallTimeout: number | undefined,
  sendJson: (body: Body, options: CallOptions) => Promise<Answer>,
  sendFile: (file: FileBody, options: CallOptions) => Promise<Answer>,
): Promise<Answer> {
  const { bandwidth, retry, signal, onProgress, clock, random, bodyType: type = "application/json" } = options;
  if (prepared.kind !== "bytes") return sendJson(inputBody(prepared.value, undefined, request), { signal, retry });
  const once = { retry: false } as const;
  const fileRequest: FileRequest<Answer> =
    way.method === "base64"
      ? { send: (body, how) => sendJson(inputBody(body, "base64", request), { ...how, ...once }), before: BEFORE_INPUT }
      : { send: (source, how) => sendFile({ source, type }, { ...how, ...once }) };
  return upload(prepared.source, pipelineTarget(fileRequest, maxBytes), {
    bandwidth,
    retry,
    signal,
    onProgress,
    clock,
    random,
    stallTimeout,
    onEvent(event) {
      if (event.type === "retry") onEvent?.(event);
    },
  });
}
