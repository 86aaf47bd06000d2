import type { Journal, JournalWarning } from "./journal.ts";
import { judgeRecord } from "./judge-record.ts";
import type { OpenUpload } from "./open-upload.ts";
import { type Recorded, readRecord } from "./read-record.ts";
import type { Settings } from "./settings.ts";
import type { Undertaking } from "./undertaking.ts";
import type { RestartReason } from "./upload-event.ts";
import type { UploadRecord } from "./upload-record.ts";

/**
 * Takes up the upload that is written down. What cannot be gone on with is cancelled at the target, and forgotten.
 *
 * @returns Undefined where a new one is to begin.
 */
export async function resumeUpload<Session, Receipt, Result>(
  undertaking: Undertaking<Session, Receipt, Result>,
  record: UploadRecord,
  journal: Journal,
): Promise<OpenUpload<Session, Receipt> | { readonly result: Result } | undefined> {
  const recorded = await recordedUpload(journal, record.key, undertaking.settings);
  if (!recorded) return undefined;
  const verdict = await judgeRecord(undertaking, recorded);
  if (typeof verdict !== "string") return verdict;
  await startOver(undertaking, recorded, verdict);
  await record.forget();
  return undefined;
}

async function recordedUpload(
  journal: Journal,
  key: string,
  { onEvent }: Pick<Settings, "onEvent">,
): Promise<Recorded | undefined> {
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

/** Cancels what is left of the upload at the target. */
async function startOver<Session, Receipt, Result>(
  { settings, cancel }: Undertaking<Session, Receipt, Result>,
  { session }: Recorded,
  reason: RestartReason,
): Promise<void> {
  const { onEvent } = settings;
  onEvent({ type: "restart", reason });
  if (reason !== "other-target") {
    try {
      await cancel(session as Session);
    } catch (error) {
      // It cannot be told from one that is gone already.
      onEvent({ type: "cleanup", state: "failed", error });
    }
  }
}
