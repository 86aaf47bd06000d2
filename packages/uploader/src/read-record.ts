import type { Entry } from "./journal.ts";
import type { RecordedPart, RecordHeader } from "./upload-record.ts";

/** The version of what is written. */
export const FORMAT = 1;

/** An upload as it was written down. */
export interface Recorded extends RecordHeader {
  readonly parts: ReadonlyMap<number, RecordedPart>;
  /** Whether its completion was begun: it may exist. */
  readonly completing: boolean;
}

/**
 * Makes sense of a journal's entries.
 *
 * @returns Undefined where they are no upload's: another program's, or of another version.
 */
export function readRecord([first, ...rest]: readonly Entry[]): Recorded | undefined {
  if (first?.["type"] !== "upload" || first["format"] !== FORMAT) return undefined;
  const header = first as Entry & RecordHeader;
  const { size = 0, partSize = 1, session } = header;
  if (session === undefined) return undefined;
  const parts = new Map<number, RecordedPart>();
  let completing = false;
  for (const entry of rest) {
    completing ||= entry["type"] === "completing";
    if (entry["type"] !== "part") continue;
    const part = entry as Entry & RecordedPart;
    const possible = Number.isInteger(part.index) && part.index >= 0 && part.index * partSize < Math.max(1, size);
    if (!possible || part.receipt === undefined) return undefined;
    parts.set(part.index, part);
  }
  return { ...header, parts, completing };
}
