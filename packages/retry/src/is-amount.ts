/**
 * Whether it is a number from 0 to `most`: what a count, a share or a duration that others gave must be.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { isAmount } from "@sluice/retry";
 *
 * const values = [0, 0.5, Infinity, -1, Number.NaN, "1", undefined];
 * assert.deepEqual(values.filter((value) => isAmount(value)), [0, 0.5, Infinity]);
 * assert.deepEqual(values.filter((value) => isAmount(value, 1)), [0, 0.5]);
 * ```
 */
export function isAmount(value: unknown, most: number = Infinity): value is number {
  return typeof value === "number" && value >= 0 && value <= most;
}
