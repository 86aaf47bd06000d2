import { expectOptions } from "@sluice/retry";

/** @throws {TypeError | RangeError} when the source is no source, or the target no target. */
export function checkParties(source: unknown, target: unknown): void {
  if (typeof Object(source).stream !== "function") {
    const hint = typeof source === "string" ? ": a path is file(path) of @sluice/source/node" : "";
    throw new TypeError(`Cannot upload: "source" must be a ByteSource, received ${kindOf(source)}${hint}`);
  }
  const action = "upload: of the target";
  const call = "function";
  expectOptions(action, Object(target), { create: call, put: call, complete: call, cancel: call }, true);
  expectOptions(action, Object(Object(target).limits), { preferredPartSize: 1 }, true);
}

function kindOf(value: unknown): string {
  return value === null ? "null" : typeof value;
}
