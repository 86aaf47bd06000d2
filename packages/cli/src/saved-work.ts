import { join } from "node:path";
import type { Journal, JournalWarning } from "@sluice/uploader";
import { UsageError } from "./command-error.ts";
import { type SavedRun, savedRun } from "./saved-runs.ts";
import { type SavedUpload, savedUpload } from "./saved-uploads.ts";
import { stateFolder } from "./state-folder.ts";

/** Something that was interrupted, and can be taken up. */
export type SavedWork = SavedUpload | SavedRun;

/** The journal of this user. */
export async function openJournal(): Promise<Journal> {
  const { fileJournal } = await import("@sluice/uploader/node");
  return fileJournal(join(stateFolder(), "journal"));
}

/** All that the journal holds, the oldest first. */
export async function savedWork(journal: Journal, warn: (warning: JournalWarning) => void): Promise<SavedWork[]> {
  const found: SavedWork[] = [];
  for await (const key of journal.list()) {
    const given = partsOf(key);
    const work =
      given && ((await savedUpload(journal, key, given, warn)) ?? (await savedRun(journal, key, given, warn)));
    if (work) found.push(work);
  }
  return found.sort((a, b) => Number(a.createdAt ?? 0) - Number(b.createdAt ?? 0));
}

/**
 * Those with the ids given, or all.
 *
 * @throws {UsageError} for an id that the journal does not have.
 */
export function chosen(saved: readonly SavedWork[], ids: readonly string[]): readonly SavedWork[] {
  if (ids.length === 0) return saved;
  const found = ids.map((id) => {
    const fitting = saved.filter((work) => work.id.startsWith(id.toLowerCase()));
    if (fitting.length === 1) return fitting[0] as SavedWork;
    throw new UsageError(
      fitting.length === 0 ? `Nothing is kept as "${id}".` : `Several begin with "${id}".`,
      "sluice list shows what is kept.",
    );
  });
  return [...new Set(found)];
}

/** Keys of ours are JSON. */
function partsOf(key: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(key) as Readonly<Record<string, unknown>>;
  } catch {
    // Another program's.
    return undefined;
  }
}
