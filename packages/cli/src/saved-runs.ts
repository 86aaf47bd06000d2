import type { KeptJob } from "@sluice/job";
import type { Journal, JournalWarning } from "@sluice/uploader";
import type { RunPlan } from "./run-plan.ts";
import { workId } from "./work-id.ts";

/** A run of a model or a pipeline in the journal. */
export interface SavedRun extends Pick<KeptJob, "step" | "unknown" | "createdAt"> {
  readonly kind: "run";
  readonly id: string;
  readonly key: string;
  readonly provider: string;
  readonly baseUrl: string | undefined;
  readonly plan: RunPlan;
  /** What `sluice wait` takes, once there is a task. */
  readonly task: string | undefined;
}

const FORMAT = "sluice run";

/** What the journal calls a run: the same for the same command line and files, so that repeating it resumes, too. */
export function runKey(plan: RunPlan): string {
  return JSON.stringify({ format: FORMAT, ...plan });
}

/** What the journal has of a run; undefined for a key of anything else. */
export async function savedRun(
  journal: Journal,
  key: string,
  given: Readonly<Record<string, unknown>>,
  warn: (warning: JournalWarning) => void,
): Promise<SavedRun | undefined> {
  const { format, ...rest } = given;
  if (format !== FORMAT) return undefined;
  const { readJob } = await import("@sluice/job");
  const job = await readJob(journal, key, warn);
  if (job === undefined) return undefined;
  const plan = rest as unknown as RunPlan;
  const { step, unknown, createdAt, started } = job;
  const { provider, baseUrl } = plan;
  return {
    kind: "run",
    id: workId(key),
    key,
    provider,
    baseUrl,
    plan,
    step,
    unknown,
    createdAt,
    task: taskIn(started),
  };
}

/** The id of a task in what a provider's steps wrote down of it. */
function taskIn(started: unknown): string | undefined {
  if (typeof started === "string") return started;
  const { id, taskId = id } = Object(started) as { id?: unknown; taskId?: unknown };
  return typeof taskId === "string" ? taskId : undefined;
}
