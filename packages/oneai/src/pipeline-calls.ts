import { type Body, bytesBody, type HttpClient, jsonBody, type Reply, type Timeouts } from "@sluice/http";
import type { RetryOptions } from "@sluice/retry";
import type { ByteSource } from "@sluice/source";
import { isRefusal, softError } from "./oneai-error.ts";
import { headersOf, isFailed, isResult, type PipelineResult, resultOf } from "./pipeline-result.ts";

/** What every call takes. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** @default the client's; `false` where somebody else tries again */
  retry?: RetryOptions | false | undefined;
  onSent?: ((bytes: number) => void) | undefined;
}

/** What a task is at first. */
interface Accepted {
  readonly task_id: string;
  readonly status?: string;
}

/** A task, as the service tells it. */
export interface TaskReply {
  readonly status: string;
  readonly result?: unknown;
  readonly error?: unknown;
  readonly creation_time?: unknown;
  readonly completion_time?: unknown;
}

/** The calls of the pipeline API, each of them one request. */
export interface PipelineCalls {
  /** Waits for the result of a request whose input stands in its JSON. */
  run(body: Body, options: CallOptions): Promise<PipelineResult>;
  /** Makes a task of a request whose input stands in its JSON. */
  start(body: Body, options: CallOptions): Promise<Accepted>;
  /** Waits for the result of bytes that are sent as they are. */
  runFile(request: object, file: FileBody, options: CallOptions): Promise<PipelineResult>;
  /** Makes a task of bytes that are sent as they are. */
  upload(request: object, file: FileBody, options: CallOptions): Promise<Accepted>;
  /** How a task is doing. */
  read(id: string, options: CallOptions): Promise<{ readonly task: TaskReply; readonly reply: Reply }>;
}

export interface FileBody {
  readonly source: ByteSource;
  /** Of the request. The service is told by the query what the bytes are. */
  readonly type: string;
}

/** What the calls need to know. */
export interface CallSettings {
  readonly baseUrl: string;
  readonly retry: RetryOptions | false;
  readonly timeouts: Timeouts | undefined;
  /** Strikes the key out of what the service has echoed. */
  readonly redact: <Value>(value: Value) => Promise<Value>;
}

/** A call that waits for its result: the service takes up to eight minutes of sound in one. */
const LONGEST_RUN = 30 * 60_000;
const ROOT = "/api/v0/pipeline";

export function pipelineCalls(client: HttpClient, { baseUrl, retry, timeouts, redact }: CallSettings): PipelineCalls {
  const root = `${baseUrl.replace(/\/$/, "")}${ROOT}`;
  const patient = { ...timeouts, headers: timeouts?.headers ?? LONGEST_RUN };

  /** Twice may be billed twice: sent again only where the service has said that it did nothing. */
  const post = (path: string, body: Body, { retry: own = retry, ...options }: CallOptions, times = timeouts) =>
    client.request("POST", `${root}${path}`, {
      body,
      timeouts: times,
      idempotent: true,
      retry: own && { ...own, retryable: (error) => isRefusal(error) && (own.retryable?.(error) ?? isPassing(error)) },
      ...options,
    });
  const failure = async (action: string, body: unknown, reply: Reply) =>
    softError(action, await redact(body), headersOf(reply).requestId, reply.status);
  const result = async (reply: Reply) => {
    const value = await reply.json(isAnswer);
    if (!isResult(value) || isFailed(value)) throw await failure("run the pipeline", value, reply);
    return resultOf(value, headersOf(reply));
  };
  const accepted = async (reply: Reply) => {
    const value = await reply.json(isAcceptance);
    if (!("task_id" in value) || isFailed(value)) throw await failure("start the pipeline", value, reply);
    return value as unknown as Accepted;
  };
  /** In the very form of the official SDK, which a query made of pairs is not. */
  const query = (request: object) => `?pipeline=${encodeURIComponent(JSON.stringify(request))}`;
  const bytes = ({ source, type }: FileBody) => bytesBody(source, { type });

  return {
    run: async (body, options) => result(await post("", body, options, patient)),
    start: async (body, options) => accepted(await post("/async", body, options)),
    runFile: async (request, file, options) =>
      result(await post(`/file${query(request)}`, bytes(file), options, patient)),
    upload: async (request, file, options) =>
      accepted(await post(`/async/file${query(request)}`, bytes(file), options)),
    async read(id, options) {
      const path = `${root}/async/tasks/${encodeURIComponent(id)}`;
      const reply = await client.request("GET", path, { idempotent: true, ...options });
      const task = await reply.json(isTask);
      return { task: task.status === "FAILED" ? await redact(task) : task, reply };
    },
  };
}

/** A body of JSON with its input at the beginning, as the official SDK has it. */
export function inputBody(input: unknown, encoding: "base64" | undefined, request: object): Body {
  return jsonBody({ input, encoding, ...request });
}

function isPassing(error: unknown): boolean {
  return Object(error).retryable === true;
}

function isAnswer(value: unknown): value is Record<string, unknown> {
  return isResult(value) || isFailed(value);
}

function isAcceptance(value: unknown): value is Record<string, unknown> {
  const { task_id: id } = Object(value) as Partial<Accepted>;
  return (typeof id === "string" && id !== "") || isFailed(value);
}

function isTask(value: unknown): value is TaskReply {
  const { status, result } = Object(value) as Partial<TaskReply>;
  return typeof status === "string" && (status !== "COMPLETED" || isResult(result) || isFailed(result));
}
