import type { CompressionFormat } from "./compression-format.ts";
import { refuse } from "./refuse.ts";

/** A copy of the dictionary, which the caller may go on to change. */
export function checkedDictionary(
  action: string,
  dictionary: unknown,
  format: CompressionFormat,
): Uint8Array | undefined {
  if (dictionary === undefined) return undefined;
  if (!(dictionary instanceof Uint8Array)) return refuse(action, "dictionary", "a Uint8Array", dictionary, "none");
  if (format === "gzip")
    return refuse(action, "dictionary", 'left out for "gzip", which has none', dictionary, "object");
  if (dictionary.length === 0) return refuse(action, "dictionary", "of 1 byte at least", dictionary, "object");
  return new Uint8Array(dictionary);
}
