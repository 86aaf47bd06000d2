import type { Journal, JournalWarning } from "../journal.ts";
import { readRecord } from "../read-record.ts";

/** An upload as a journal has it. */
export interface KeptUpload {
  readonly key: string;
  /** Where it goes: the target's name. */
  readonly target: string;
  /** What the file is called. */
  readonly name: string;
  /** Of the file, in bytes. */
  readonly size: number | undefined;
  /** Bytes whose parts have arrived. */
  readonly arrived: number;
  readonly createdAt: Date;
  /** Whether its last request was begun: it may be complete. */
  readonly completing: boolean;
}

/**
 * Tells how far an upload is that is written down in a journal, for those who show what there is to resume.
 *
 * @param warn is told of entries that could not be trusted, as by the journal's own `read`.
 * @returns undefined where there is nothing, or something else than an upload.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { memoryJournal } from "@sluice/uploader";
 * import { readUpload } from "@sluice/uploader/node";
 *
 * const journal = memoryJournal();
 * for await (const key of journal.list()) console.log(await readUpload(journal, key));
 * assert.equal(await readUpload(journal, "talk.mp4"), undefined);
 * ```
 */
export async function readUpload(
  journal: Pick<Journal, "read">,
  key: string,
  warn?: (warning: JournalWarning) => void,
): Promise<KeptUpload | undefined> {
  const recorded = readRecord(await journal.read(key, warn));
  if (recorded === undefined) return undefined;
  const { target, name, size, partSize = 0, createdAt, completing, parts } = recorded;
  let arrived = 0;
  for (const index of parts.keys()) arrived += Math.min(partSize, (size ?? 0) - index * partSize);
  return { key, target, name, size, arrived, createdAt: new Date(createdAt), completing };
}
