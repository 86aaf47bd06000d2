import type { ByteSource } from "@sluice/source";

/** Whether a value is a `ByteSource`. */
export function isSource(value: unknown): value is ByteSource {
  if (value === null || typeof value !== "object") return false;
  const { stream, close, replayable } = value as Partial<ByteSource>;
  return typeof stream === "function" && typeof close === "function" && typeof replayable === "boolean";
}
