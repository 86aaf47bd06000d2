import { cancelWithin } from "./cancel-within.ts";
import type { JournalWarning } from "./journal.ts";
import { judgeRecord } from "./judge-record.ts";
import type { OpenUpload, Undertaking } from "./open-upload.ts";
import { type Recorded, readRecord } from "./read-record.ts";
import type { Settings } from "./settings.ts";
import type { RestartReason } from "./upload-event.ts";

/**
 * Takes up the upload that is written down. What cannot be gone on with is cancelled at the target, and forgotten.
 *
 * @returns Undefined where a new one is to begin.
 */
export async function resumeUpload<Session, Receipt, Result>(
  undertaking: Undertaking<Session, Receipt, Result>,
): Promise<OpenUpload<Session, Receipt> | { readonly result: Result } | undefined> {
  const recorded = await recordedUpload(undertaking.settings, undertaking.record.key);
  if (!recorded) return undefined;
  const verdict = await judgeRecord(undertaking, recorded);
  if (typeof verdict !== "string") return verdict;
  await startOver(undertaking, recorded, verdict);
  return undefined;
}

async function recordedUpload({ journal, onEvent }: Settings, key: string): Promise<Recorded | undefined> {
  if (!journal) return undefined;
  const warn = (warning: JournalWarning) => onEvent({ type: "journal", warning });
  const entries = await journal.read(key, warn);
  const recorded = readRecord(entries);
  if (recorded || entries.length === 0) return recorded;
  const at = await journal.setAside?.(key);
  if (at === undefined) await journal.remove(key);
  const message = `What the journal holds for ${JSON.stringify(key)} is no upload of this version: it starts over`;
  warn({ reason: "foreign", key, message, ...(at !== undefined && { at }) });
  return undefined;
}

/** Cancels what is left of the upload at the target, and forgets it. */
async function startOver<Session, Receipt, Result>(
  { target, settings, record }: Undertaking<Session, Receipt, Result>,
  { session }: Recorded,
  reason: RestartReason,
): Promise<void> {
  const { cleanupTimeout, clock, onEvent } = settings;
  onEvent({ type: "restart", reason });
  if (reason !== "other-target") {
    try {
      await cancelWithin(target, session as Session, cleanupTimeout, clock);
    } catch (error) {
      // It cannot be told from one that is gone already.
      onEvent({ type: "cleanup", state: "failed", error });
    }
  }
  await record.forget();
}
