import { checkJson } from "./check-json.ts";
import type { Entry } from "./journal.ts";

/**
 * An entry as it is written down.
 *
 * @throws {TypeError} for what is no object of plain JSON.
 */
export function entryText(entry: Entry): string {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) {
    const received = entry === null ? "null" : Array.isArray(entry) ? "an array" : typeof entry;
    throw new TypeError(`Cannot append to the journal: "entry" must be an object, received ${received}`);
  }
  checkJson(entry, "entry");
  return JSON.stringify(entry);
}
