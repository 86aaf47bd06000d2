import type { Journal } from "./journal.ts";
import type { AttemptUpload, Run } from "./run-upload.ts";
import { UploadRecord } from "./upload-record.ts";

/** Uploads under the lock of a journal, from where the record in it stands. */
export async function uploadByJournal<Session, Receipt, Result>(
  run: Run<Session, Receipt, Result>,
  journal: Journal,
  attempt: AttemptUpload<Session, Receipt, Result>,
): Promise<Result> {
  const { file, target, settings } = run;
  const { key = JSON.stringify([target.name, file.name, file.size ?? null]) } = settings;
  const record = new UploadRecord(journal, key);
  const lock = await journal.lock(key);
  try {
    for (;;) {
      const outcome = await attempt(run, record);
      if (outcome) return outcome.result;
      settings.onEvent({ type: "restart", reason: "session-gone" });
      await record.forget();
    }
  } finally {
    await lock[Symbol.asyncDispose]();
  }
}
