import { TaskError } from "./_task-error.ts";

/**
 * A snapshot that means nothing: no object with a `state`, a state unknown for too long, or a hint of a year and more.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { BadReplyError, waitFor } from "@sluice/poller";
 *
 * const task = { id: "job-1", read: async () => "<html>" as never };
 * const error = await waitFor(task).catch((error: unknown) => error);
 * assert.ok(error instanceof BadReplyError);
 * assert.equal(error.code, "bad-reply");
 * assert.match(error.message, /"state" must be a known string, received undefined$/);
 * ```
 */
export class BadReplyError extends TaskError {
  override readonly name: string = "BadReplyError";
  readonly code = "bad-reply";
}
