/**
 * Checks that something written down earlier belongs to what it is to be used for, value by value.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { expectSame } from "@sluice/retry";
 *
 * expectSame("resume the job", { version: 1, key: "a", step: 7 }, { version: 1, key: "a" });
 * assert.throws(() => expectSame("resume the job", { version: 2 }, { version: 1 }), {
 *   name: "RangeError",
 *   message: 'Cannot resume the job: "version" must be 1, received 2',
 * });
 * ```
 *
 * @param action as the message calls it
 * @param given may be anything, such as parsed JSON
 * @throws {RangeError} for the first value that is another
 */
export function expectSame(action: string, given: unknown, expected: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(expected)) {
    const received = Object(given)[name];
    if (received === value) continue;
    const [must, is] = [value, received].map((each) => JSON.stringify(each));
    throw new RangeError(`Cannot ${action}: "${name}" must be ${must}, received ${is}`);
  }
}
