import { describe } from "./_describe.ts";

/** Throws unless `value` is an integer from `least` to `most`: TypeError for the wrong kind, else RangeError. */
export function checkOffset(action: string, option: string, value: number, least: number, most: number): void {
  if (typeof value !== "number") {
    throw new TypeError(`Cannot ${action}: "${option}" must be a number, received ${describe(value)}`);
  }
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new RangeError(
      `Cannot ${action}: "${option}" must be an integer from ${least} to ${most}, received ${value}`,
    );
  }
}
