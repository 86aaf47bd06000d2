import { describe } from "./_describe.ts";
import type { SourceInfo } from "./byte-source.ts";

/** Throws a TypeError unless `name` and `type` are text or left out. */
export function checkInfo(action: string, info: SourceInfo): void {
  if (info === null || typeof info !== "object") {
    throw new TypeError(`Cannot ${action}: the options must be an object, received ${describe(info)}`);
  }
  for (const option of ["name", "type"] as const) {
    const value: unknown = info[option];
    if (value === undefined || typeof value === "string") continue;
    throw new TypeError(`Cannot ${action}: "${option}" must be a string, received ${describe(value)}`);
  }
}

/** Throws unless `size` is a whole number of bytes or left out: TypeError for the wrong kind, else RangeError. */
export function checkSize(action: string, size: number | undefined): void {
  if (size === undefined) return;
  if (typeof size !== "number") {
    throw new TypeError(`Cannot ${action}: "size" must be a number, received ${describe(size)}`);
  }
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new RangeError(`Cannot ${action}: "size" must be an integer ≥ 0, received ${size}`);
  }
}
