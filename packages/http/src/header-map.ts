import { describe } from "./describe.ts";

/** Headers: names in any case. Those that are undefined are left out. */
export type HeaderRecord = Readonly<Record<string, string | undefined>>;

/** Headers that say how a message is framed, or where it goes: they follow from the request. */
const RESERVED = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Checks headers and lowers their names.
 *
 * @returns Undefined values included, so that one record can take a header out of another.
 * @throws {TypeError} naming the header, never its value.
 */
export function headerMap(action: string, headers: HeaderRecord | undefined): Map<string, string | undefined> {
  const map = new Map<string, string | undefined>();
  if (headers === undefined) return map;
  if (headers === null || typeof headers !== "object" || Symbol.iterator in headers) {
    throw new TypeError(`${action}: "headers" must be a record of texts, received ${describe(headers)}`);
  }
  for (const [name, value] of Object.entries(headers)) {
    const shown = JSON.stringify(name);
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) throw new TypeError(`${action}: ${shown} is no name of a header`);
    if (RESERVED.has(name.toLowerCase())) {
      throw new TypeError(`${action}: the header ${shown} follows from the request and must not be given`);
    }
    if (value !== undefined && typeof value !== "string") {
      throw new TypeError(`${action}: the header ${shown} must be a text, received ${describe(value)}`);
    }
    if (value !== undefined && !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      throw new TypeError(`${action}: the header ${shown} holds a line break or another character that no header can`);
    }
    map.set(name.toLowerCase(), value?.trim());
  }
  return map;
}
