import { TaskError } from "./_task-error.ts";
import type { Snapshot, Task } from "./task.ts";

/**
 * The task ended because someone cancelled it.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { TaskCanceledError, waitFor } from "@sluice/poller";
 *
 * const task = { id: "job-1", read: async () => ({ state: "canceled" }) as const };
 * const error = await waitFor(task).catch((error: unknown) => error);
 * assert.ok(error instanceof TaskCanceledError);
 * assert.equal(error.code, "task-canceled");
 * ```
 */
export class TaskCanceledError extends TaskError {
  override readonly name: string = "TaskCanceledError";
  readonly code = "task-canceled";

  constructor(task: Task, snapshot: Snapshot) {
    super(task, "was cancelled", { cause: snapshot.error });
  }
}
