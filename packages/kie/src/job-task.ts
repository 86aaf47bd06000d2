import { SoftError } from "@sluice/http/provider";
import type { Snapshot, Task } from "@sluice/poller";
import { type JobRecord, type KieJob, recordInfo } from "./job-calls.ts";
import { type JobResult, resultOf } from "./job-result.ts";
import type { Caller } from "./kie-call.ts";

/** How a job is followed. */
export interface TaskOptions {
  /**
   * How long after its creation no record of the job means "not yet", in milliseconds. Of a job that is known by its id
   * alone, and was not created by this client, the time of creation is not known: then it is counted from the call of
   * `task`, if it is given.
   * @default 90_000 for a job whose time of creation is known
   */
  grace?: number | undefined;
}

/** What a task needs of its client. */
export interface TaskSettings {
  readonly call: Caller;
  readonly now: () => number;
  /** When a job was created, as far as this client knows. */
  readonly createdAt: (taskId: string) => number | undefined;
}

/** As seen of the live service. */
const GRACE = 90_000;

/** A job as a task. */
export function jobTask(
  job: string | Pick<KieJob, "taskId"> | KieJob,
  { call, now, createdAt }: TaskSettings,
  { grace }: TaskOptions = {},
): Task<JobResult> {
  const id = typeof job === "string" ? job : job?.taskId;
  if (typeof id !== "string" || id === "") {
    throw new TypeError(`Cannot follow a job: "taskId" must be a text, received ${id === "" ? "none" : typeof id}`);
  }
  if (grace !== undefined && !(typeof grace === "number" && grace >= 0)) {
    throw new RangeError(`Cannot follow a job: "grace" must be 0 or more, received ${String(grace)}`);
  }
  const created = (typeof job === "object" && "createdAt" in job && Date.parse(job.createdAt)) || createdAt(id);
  const lenient = created === undefined ? now() + (grace ?? 0) : created + (grace ?? GRACE);
  return {
    id,
    provider: "kie",
    async read({ signal }) {
      signal.throwIfAborted();
      try {
        return snapshotOf(id, await recordInfo(call, id, signal));
      } catch (error) {
        const { status } = Object(error) as { status?: unknown };
        if ((status === 404 || status === 422) && now() < lenient) return { state: "queued", error };
        throw error;
      }
    },
  };
}

/** What a record says, in the words that all tasks have. */
export function snapshotOf(id: string, record: JobRecord): Snapshot<JobResult> {
  const { state, progress } = record;
  switch (state) {
    case "waiting":
    case "queuing":
      return { state: "queued", raw: record };
    case "generating":
      return { state: "running", progress: typeof progress === "number" ? progress / 100 : undefined, raw: record };
    case "success":
      return { state: "succeeded", result: resultOf(record), raw: record };
    case "fail":
      return { state: "failed", error: failureOf(id, record), raw: record };
    default:
      // The poller takes what it does not know for running, and not for ever.
      return { state: state as Snapshot["state"], raw: record };
  }
}

function failureOf(id: string, { failMsg, failCode }: JobRecord): SoftError {
  return new SoftError({
    provider: "kie.ai",
    action: `run job "${id}"`,
    reason: failMsg || "the model did not say why",
    providerCode: failCode || undefined,
  });
}
