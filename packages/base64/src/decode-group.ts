import { charactersOf } from "./characters.ts";

/** How much a decoder puts up with. */
export type Base64Mode = "strict" | "forgiving" | "mime";

/** What a byte is that has no value from 0 to 63: negative, so that one test finds it among four. */
export const SKIPPED = -1;
export const PADDING = -2;
export const FOREIGN = -3;

/** What each byte is to a decoder. */
export function decodeTable(mode: Base64Mode, url: boolean): Int16Array {
  const table = new Int16Array(256).fill(mode === "mime" ? SKIPPED : FOREIGN);
  const set = (character: string, value: number) => {
    table[character.charCodeAt(0)] = value;
  };
  if (mode === "forgiving") for (const space of "\t\n\f\r ") set(space, SKIPPED);
  [...charactersOf(url)].forEach(set);
  set("=", PADDING);
  return table;
}

/**
 * Decodes groups of four characters until one of them is something else than a character of the alphabet.
 *
 * @returns The index of the group that it stopped at.
 */
export function decodeGroups(table: Int16Array, bytes: Uint8Array, at: number, target: Uint8Array, to: number): number {
  for (; at + 4 <= bytes.length; at += 4, to += 3) {
    const bits =
      ((table[bytes[at] as number] as number) << 18) |
      ((table[bytes[at + 1] as number] as number) << 12) |
      ((table[bytes[at + 2] as number] as number) << 6) |
      (table[bytes[at + 3] as number] as number);
    if (bits < 0) break;
    target[to] = bits >> 16;
    target[to + 1] = bits >> 8;
    target[to + 2] = bits;
  }
  return at;
}
