import { createHash } from "node:crypto";
import type { Entry, JournalWarning } from "../journal.ts";

// A journal is a text of lines, each `<seal> <JSON>\n`. The first is the header, with the key; each other one an entry.
// The seal is a digest of the line's JSON and of the seal before it, so that a line which was changed, moved or taken
// out of the middle breaks the seals from there on.
const FORMAT = "sluice-journal";
const VERSION = 1;
const SEAL_LENGTH = 32;
const NEWLINE = 0x0a;

/** What a journal's bytes say. */
export interface Reading {
  readonly entries: Entry[];
  /** Where the last whole line ends. What lies beyond was cut off. */
  readonly end: number;
  /** Of the last whole line. */
  readonly seal: string;
}

/** Why a journal's bytes are not to be trusted. */
export interface Fault {
  readonly reason: Exclude<JournalWarning["reason"], "torn">;
  readonly detail: string;
}

/** The name of a key's file, without extension: safe and distinct whatever the key, in any file system. */
export function fileNameOf(key: string): string {
  // JSON escapes lone surrogates, which UTF-8 cannot tell apart.
  return createHash("sha256").update(JSON.stringify(key)).digest("hex").slice(0, 40);
}

/** One line, sealed to the one before it. */
export function sealedLine(seal: string, json: string): { line: Buffer<ArrayBuffer>; seal: string } {
  const next = sealOf(seal, Buffer.from(json));
  return { line: Buffer.from(`${next} ${json}\n`), seal: next };
}

/** The first line of a key's journal. */
export function header(key: string): { line: Buffer<ArrayBuffer>; seal: string } {
  return sealedLine("", JSON.stringify({ format: FORMAT, version: VERSION, key }));
}

/** The key in a journal's first line, where that can be trusted. */
export function keyOf(line: Buffer): string | Fault {
  const text = line.toString();
  const foreign = { reason: "foreign", detail: "it is no journal" } as const;
  if (!text.includes(`"${FORMAT}"`))
    return line.byteLength === 0 ? { reason: "damaged", detail: "it is empty" } : foreign;
  // Another version may seal its lines in another way.
  const version = Number(/"version":(-?\d+)/.exec(text)?.[1]);
  if (version > VERSION) return { reason: "newer", detail: `it is of version ${version}, this one reads ${VERSION}` };
  if (version < VERSION) return { reason: "older", detail: `it is of version ${version}, this one reads ${VERSION}` };
  const json = unseal("", line);
  if (json === undefined) return { reason: "damaged", detail: "its first line was changed" };
  const { key } = JSON.parse(json.toString()) as { key?: unknown };
  return typeof key === "string" ? key : foreign;
}

/** Reads a whole journal, believing nothing that its seals do not vouch for. */
export function readJournal(bytes: Buffer, key: string): Reading | Fault {
  const first = bytes.indexOf(NEWLINE);
  const found = keyOf(first < 0 ? bytes : bytes.subarray(0, first));
  if (typeof found !== "string") return found;
  if (first < 0) return { reason: "damaged", detail: "its first line was cut off" };
  if (found !== key) return { reason: "foreign", detail: "it is the journal of another key" };

  const entries: Entry[] = [];
  let seal = header(key).seal;
  let end = first + 1;
  for (let next = bytes.indexOf(NEWLINE, end); next >= 0; next = bytes.indexOf(NEWLINE, end)) {
    const line = bytes.subarray(end, next);
    const json = unseal(seal, line);
    if (json === undefined)
      return { reason: "damaged", detail: `line ${entries.length + 2} was changed, moved or lost` };
    entries.push(JSON.parse(json.toString()) as Entry);
    seal = sealIn(line);
    end = next + 1;
  }
  // A line that is whole but for its last byte was not cut off there: its newline was changed.
  if (unseal(seal, bytes.subarray(end, -1)) !== undefined) {
    return { reason: "damaged", detail: `line ${entries.length + 2} was changed at its end` };
  }
  return { entries, end, seal };
}

/** The JSON of a line; undefined where the seal does not vouch for it. */
function unseal(seal: string, line: Buffer): Buffer | undefined {
  if (line[SEAL_LENGTH] !== 0x20) return undefined;
  const json = line.subarray(SEAL_LENGTH + 1);
  return sealOf(seal, json) === sealIn(line) ? json : undefined;
}

function sealIn(line: Buffer): string {
  return line.toString("latin1", 0, SEAL_LENGTH);
}

function sealOf(seal: string, json: Buffer): string {
  return createHash("sha256").update(seal).update(json).digest("hex").slice(0, SEAL_LENGTH);
}
