import { within } from "./within.ts";

/**
 * What `work` comes to, or at once the signal's reason; what comes later is ignored.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { untilAborted } from "@sluice/retry";
 *
 * const deaf = () => new Promise<string>(() => {});
 * await assert.rejects(untilAborted(deaf, AbortSignal.timeout(10)), { name: "TimeoutError" });
 * ```
 *
 * @param work may not listen to the signal; where it throws before it returns its promise, that rejects
 * @throws {AbortSignal["reason"]} when `signal` is or gets aborted
 */
export function untilAborted<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return within(work, { signal });
}
