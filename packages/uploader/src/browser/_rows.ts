import type { Entry, JournalWarning } from "../journal.ts";

const VERSION = 1;

/** One entry as it lies in the database. */
export interface Row {
  readonly version: number;
  readonly json: string;
  /** Of this row and of the one before it. */
  readonly seal: number;
}

/** What is not to be trusted, and why. */
export interface Fault {
  readonly reason: Exclude<JournalWarning["reason"], "torn">;
  readonly detail: string;
}

/** A row that follows another, or is the first of its key. */
export function sealedRow(key: string, previous: Row | undefined, json: string): Row {
  return { version: VERSION, json, seal: sealOf(key, previous, json) };
}

/** The entries of a key's rows, or the first thing that is wrong with them. */
export function readRows(key: string, rows: readonly Row[]): Entry[] | Fault {
  let previous: Row | undefined;
  for (const [index, row] of rows.entries()) {
    const { version, json, seal } = Object(row) as Row;
    if (typeof version !== "number" || typeof json !== "string") {
      return { reason: "foreign", detail: `entry ${index + 1} was not written by a journal` };
    }
    if (version !== VERSION) {
      const detail = `entry ${index + 1} is of version ${version}, this one reads ${VERSION}`;
      return { reason: version > VERSION ? "newer" : "older", detail };
    }
    if (seal !== sealOf(key, previous, json)) {
      return { reason: "damaged", detail: `entry ${index + 1} was changed, moved or lost` };
    }
    previous = row;
  }
  return rows.map(({ json }) => JSON.parse(json) as Entry);
}

/**
 * The browser's database keeps rows whole and apart by itself; this finds what was edited by hand. CRC-32, for a digest
 * of the platform's would end the transaction that waits for it.
 */
function sealOf(key: string, previous: Row | undefined, json: string): number {
  const text = JSON.stringify([previous?.seal ?? key, json]);
  let crc = -1;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
