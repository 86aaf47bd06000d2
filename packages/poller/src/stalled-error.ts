import { TaskError } from "./_task-error.ts";

/**
 * A read did not answer in the time it had, ten times in a row.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { StalledError, waitFor } from "@sluice/poller";
 *
 * const task = { id: "job-1", read: () => new Promise<never>(() => {}) };
 * const error = await waitFor(task, { readTimeout: 10, retry: false }).catch((error: unknown) => error);
 * assert.ok(error instanceof StalledError);
 * assert.equal(error.code, "stalled");
 * ```
 */
export class StalledError extends TaskError {
  override readonly name: string = "StalledError";
  readonly code = "stalled";
  override readonly retryable: boolean = true;
}
