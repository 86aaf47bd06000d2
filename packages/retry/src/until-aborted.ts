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
  return new Promise((resolve, reject) => {
    const cut = (): void => reject(signal.reason);
    if (signal.aborted) return cut();
    signal.addEventListener("abort", cut);
    new Promise<T>((answer) => answer(work()))
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", cut));
  });
}
