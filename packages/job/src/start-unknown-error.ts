/**
 * It cannot be known whether the job was started: the request got no clear answer, the process was gone before it came,
 * or the journal is damaged. The job may be running, and be billed.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { runJob, StartUnknownError } from "@sluice/job";
 *
 * const error = await runJob({
 *   send: async () => "file-1",
 *   start: async (file) => Promise.reject(new Error(`connection reset, after ${file} was posted`)),
 *   task: () => ({ id: "never", read: async () => ({ state: "succeeded" }) }),
 * }).catch((error: unknown) => error);
 * assert.ok(error instanceof StartUnknownError);
 * assert.equal(error.code, "start-unknown");
 * assert.equal(error.sent, "file-1");
 * assert.ok(error.since instanceof Date);
 * ```
 */
export class StartUnknownError extends Error {
  override readonly name = "StartUnknownError";
  readonly code = "start-unknown";
  readonly retryable = false;
  /** The job's key, where it is written down in a journal. */
  readonly key: string | undefined;
  /** What `send` had resolved to, where there is a `start`: what the task would have been started with. */
  readonly sent: unknown;
  /** When the start was begun, where that is known: a task that was made by it is no older. */
  readonly since: Date | undefined;

  constructor(key: string | undefined, why: string, sent?: unknown, since?: number, options?: ErrorOptions) {
    const after = since === undefined ? "" : ` for what was made since ${new Date(since).toISOString()}`;
    const then =
      key === undefined
        ? ""
        : ` Then run it with "started", what was started, or, if nothing was, with "startAgain: true".`;
    super(
      `Cannot tell whether ${nameOf(key)} was started: ${why}. It may be running: look at the provider${after}.${then}`,
      options,
    );
    this.key = key;
    this.sent = sent;
    this.since = since === undefined ? undefined : new Date(since);
  }
}

/** The job as a message names it. A key may be of any length; a message may not. */
export function nameOf(key: string | undefined): string {
  if (key === undefined) return "the job";
  return `job ${JSON.stringify(key.length > 100 ? `${key.slice(0, 99)}…` : key)}`;
}
