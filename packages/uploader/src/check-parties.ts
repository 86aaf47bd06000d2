import { checkInteger } from "./check-integer.ts";

/** @throws {TypeError | RangeError} when the source is no source, or the target no target. */
export function checkParties(source: unknown, target: unknown): void {
  if (typeof Object(source).stream !== "function") {
    const hint = typeof source === "string" ? ": a path is file(path) of @sluice/source/node" : "";
    throw new TypeError(`Cannot upload: "source" must be a ByteSource, received ${kindOf(source)}${hint}`);
  }
  for (const method of ["create", "put", "complete", "cancel"]) {
    const received: unknown = Object(target)[method];
    if (typeof received === "function") continue;
    throw new TypeError(`Cannot upload: "target" must have a method "${method}", received ${kindOf(received)}`);
  }
  checkInteger("upload", "target.limits.preferredPartSize", Object(Object(target).limits).preferredPartSize);
}

function kindOf(value: unknown): string {
  return value === null ? "null" : typeof value;
}
