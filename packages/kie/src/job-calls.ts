import { jsonBody } from "@sluice/http";
import type { Caller } from "./kie-call.ts";

/** A job that was created. Plain JSON, so that it can be written down. */
export interface KieJob {
  readonly taskId: string;
  /** When, by this machine's clock, in ISO 8601. For a while after it, no record of the job is no failure. */
  readonly createdAt: string;
}

/** What `createJob` takes besides the model and its input. */
export interface CreateJobOptions {
  /** An http: or https: URL that is told when the job has ended. */
  callBackUrl?: string | URL | undefined;
  signal?: AbortSignal | undefined;
}

/** What is known of a job, as the API tells it: `param` and `resultJson` are JSON, written as text. Times in ms. */
export interface JobRecord {
  readonly taskId?: string;
  readonly model?: string;
  /** An open union: what is not known is taken for running, and the wait for it is bounded. */
  readonly state: "waiting" | "queuing" | "generating" | "success" | "fail" | (string & {});
  readonly param?: string;
  readonly resultJson?: string | null;
  readonly failCode?: string | number | null;
  readonly failMsg?: string | null;
  readonly costTime?: number | null;
  readonly createTime?: number | null;
  readonly completeTime?: number | null;
  readonly updateTime?: number | null;
  /** From 0 to 100, of some models. */
  readonly progress?: number | null;
}

const ACTION = "create a job";

/** Creates a job, once: it is billed. Only a refusal for being too many is tried again, and what never left. */
export async function createJob(
  call: Caller,
  now: () => number,
  model: string,
  input: Readonly<Record<string, unknown>>,
  { callBackUrl, signal }: CreateJobOptions = {},
): Promise<KieJob> {
  if (typeof model !== "string" || model === "") {
    throw new TypeError(`Cannot ${ACTION}: "model" must be a text, received ${model === "" ? "none" : typeof model}`);
  }
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    const received = input === null ? "null" : Array.isArray(input) ? "an array" : typeof input;
    throw new TypeError(`Cannot ${ACTION}: "input" must be an object, received ${received}`);
  }
  const callback = callBackUrl === undefined ? undefined : URL.parse(String(callBackUrl));
  if (callback !== undefined && !/^https?:$/.test(callback?.protocol ?? "")) {
    throw new TypeError(`Cannot ${ACTION}: "callBackUrl" must be an http: or https: URL`);
  }
  const { taskId } = await call({
    action: ACTION,
    method: "POST",
    path: "/api/v1/jobs/createTask",
    body: jsonBody({ model, callBackUrl: callback?.href, input }),
    idempotent: false,
    is: isCreated,
    signal,
    address: callback ?? undefined,
  });
  return { taskId, createdAt: new Date(now()).toISOString() };
}

/** What is known of a job now. */
export function recordInfo(call: Caller, taskId: string, signal: AbortSignal): Promise<JobRecord> {
  return call({
    action: `read job "${taskId}"`,
    method: "GET",
    path: "/api/v1/jobs/recordInfo",
    query: { taskId },
    idempotent: true,
    retry: false,
    is: isRecord,
    signal,
  });
}

function isCreated(value: unknown): value is { readonly taskId: string } {
  const { taskId } = Object(value) as { taskId?: unknown };
  return typeof taskId === "string" && taskId !== "";
}

function isRecord(value: unknown): value is JobRecord {
  return typeof (Object(value) as Partial<JobRecord>).state === "string";
}
