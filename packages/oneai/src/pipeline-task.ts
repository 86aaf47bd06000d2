import type { Snapshot, Task } from "@sluice/poller";
import { softError } from "./oneai-error.ts";
import type { PipelineCalls, TaskReply } from "./pipeline-calls.ts";
import { dateOf, headersOf, isFailed, isResult, type PipelineResult, resultOf } from "./pipeline-result.ts";

/** A pipeline that was started, as a task. It cannot be cancelled: OneAI has no call for that. */
export function pipelineTask(started: string | { readonly id: string }, calls: PipelineCalls): Task<PipelineResult> {
  const id = typeof started === "string" ? started : Object(started).id;
  if (typeof id !== "string" || id === "") {
    throw new TypeError(
      `Cannot follow a pipeline: "id" must be a task's id, received ${id === "" ? "none" : typeof id}`,
    );
  }
  return {
    id,
    provider: "oneai",
    async read({ signal }) {
      const { task, reply } = await calls.read(id, { signal, retry: false });
      return snapshotOf(id, task, headersOf(reply));
    },
  };
}

function snapshotOf(
  id: string,
  task: TaskReply,
  told: Pick<PipelineResult, "requestId" | "usage">,
): Snapshot<PipelineResult> {
  const { status, result } = task;
  switch (status) {
    case "QUEUED":
      return { state: "queued", raw: task };
    case "RUNNING":
      return { state: "running", raw: task };
    case "COMPLETED":
      if (!isResult(result) || isFailed(result)) return failed(task, result, told.requestId);
      return { state: "succeeded", result: { ...resultOf(result, told), taskId: id, ...timesOf(task) }, raw: task };
    case "FAILED":
      return failed(task, task, told.requestId);
    default:
      // The poller takes what it does not know for running, and not for ever.
      return { state: status as Snapshot["state"], raw: task };
  }
}

function failed(task: TaskReply, body: unknown, requestId: string | undefined): Snapshot<PipelineResult> {
  return { state: "failed", error: softError("run the pipeline", body, requestId), raw: task };
}

function timesOf(task: TaskReply): { createdAt?: Date; completedAt?: Date } {
  const createdAt = dateOf(task.creation_time);
  const completedAt = dateOf(task.completion_time);
  return { ...(createdAt && { createdAt }), ...(completedAt && { completedAt }) };
}
