import { TaskError } from "./_task-error.ts";
import type { Snapshot, Task } from "./task.ts";

/**
 * The task ended, and failed. `cause` is the provider's error.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { TaskFailedError, waitFor } from "@sluice/poller";
 *
 * const task = { id: "job-1", read: async () => ({ state: "failed", error: "out of memory" }) as const };
 * const error = await waitFor(task).catch((error: unknown) => error);
 * assert.ok(error instanceof TaskFailedError);
 * assert.equal(error.code, "task-failed");
 * assert.equal(error.cause, "out of memory");
 * ```
 */
export class TaskFailedError extends TaskError {
  override readonly name: string = "TaskFailedError";
  readonly code = "task-failed";
  readonly #raw: unknown;

  constructor(task: Task, snapshot: Snapshot) {
    const { error } = snapshot;
    const why = Object(error).message ?? error;
    super(task, typeof why === "string" ? `failed: ${why}` : "failed", { cause: error });
    this.#raw = snapshot.raw;
  }

  /** The provider's own reply; not an own property, so that logging the error does not print it. */
  get raw(): unknown {
    return this.#raw;
  }
}
