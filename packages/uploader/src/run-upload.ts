import type { ByteSource } from "@sluice/source";
import type { Way } from "./choose-way.ts";
import { completeUpload } from "./complete-upload.ts";
import { LearntDeadline } from "./learnt-deadline.ts";
import { openParts, partDigestsOf } from "./open-parts.ts";
import { type OpenUpload, openUpload } from "./open-upload.ts";
import type { FileInfo, PartTarget } from "./part-target.ts";
import { sendParts } from "./send-parts.ts";
import type { Settings } from "./settings.ts";
import { undertake } from "./undertaking.ts";
import { CompletionUnknownError } from "./upload-errors.ts";
import type { Cleanup } from "./upload-event.ts";
import { meterOf } from "./upload-meter.ts";
import type { UploadRecord } from "./upload-record.ts";

/** What is to be uploaded where, and how. */
export interface Run<Session, Receipt, Result> {
  readonly source: ByteSource;
  readonly file: FileInfo;
  readonly target: PartTarget<Session, Receipt, Result>;
  /** How the source becomes parts; a spooled one is a file by now. */
  readonly way: Exclude<Way, { kind: "spool" }>;
  readonly settings: Settings;
}

/**
 * One attempt at an upload.
 *
 * @param record Where the upload is written down.
 * @returns Undefined where what was resumed is no longer at the target.
 */
export type AttemptUpload<Session, Receipt, Result> = (
  run: Run<Session, Receipt, Result>,
  record?: UploadRecord,
) => Promise<{ readonly result: Result } | undefined>;

export async function runUpload<Session, Receipt, Result>(run: Run<Session, Receipt, Result>): Promise<Result> {
  const { journal } = run.settings;
  // Only what was resumed can be gone.
  if (!journal) return (await attemptUpload(run))?.result as Result;
  const { uploadByJournal } = await import("./upload-by-journal.ts");
  return uploadByJournal(run, journal, attemptUpload);
}

async function attemptUpload<Session, Receipt, Result>(
  { source, file, target, way, settings }: Run<Session, Receipt, Result>,
  record?: UploadRecord,
): Promise<{ readonly result: Result } | undefined> {
  const { signal, onEvent } = settings;
  // Ends everything when something has failed for good, or the caller aborts.
  const stop = new AbortController();
  const ended = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const partSize = way.kind === "ranges" ? way.partSize : undefined;
  ended.throwIfAborted();
  const undertaking = undertake({ source, file, target, partSize, settings, record, signal: ended });
  const open = await openUpload(undertaking);
  if ("result" in open) {
    await record?.forget();
    return open;
  }
  const upload: OpenUpload<Session, Receipt> = open;
  const { session, receipts, resumed } = upload;
  const known = receipts.size;
  try {
    const result = await sendAll();
    await record?.forget();
    return { result };
  } catch (failure) {
    stop.abort(failure);
    const reason: unknown = ended.reason;
    if (resumed && receipts.size === known && isGone(reason)) return undefined;
    // One that may be completed is not to be cancelled.
    if (!(reason instanceof CompletionUnknownError)) await cleanUp(reason);
    throw reason;
  }

  async function sendAll(): Promise<Result> {
    const meter = meterOf(undertaking, upload, (reason) => stop.abort(reason));
    let hashed: Promise<unknown> | undefined;
    try {
      const { parts, digests } = await openParts(undertaking, way, upload, meter);
      hashed = digests;
      digests.catch((reason: unknown) => stop.abort(reason));
      await sendParts(parts, {
        ...undertaking,
        session,
        receipts,
        meter,
        deadline: new LearntDeadline(settings.stallTimeout),
        sight: { seen: false },
        partDigests: partDigestsOf(undertaking),
        fail: (reason) => stop.abort(reason),
      });
      const whole = { size: meter.progress.acknowledged, digests: await digests };
      if (Object.keys(whole.digests).length > 0) onEvent({ type: "digests", digests: whole.digests });
      await record?.completing();
      const inOrder = [...receipts].sort(([a], [b]) => a - b).map(([, receipt]) => receipt);
      return await completeUpload(undertaking, session, inOrder, whole);
    } catch (reason) {
      stop.abort(reason);
      // Nothing reads the source any more when the promise settles.
      await hashed?.catch(() => {});
      throw reason;
    } finally {
      meter.close();
    }
  }

  /** Leaves the upload at the target for a resume, or cancels it there, and says how that went. */
  async function cleanUp(reason: unknown): Promise<void> {
    const { onAbort = record && way.kind === "ranges" ? "keep" : "cancel" } = settings;
    let cleanup: Cleanup = { state: "kept" };
    if (onAbort === "cancel" || isHopeless(reason)) {
      cleanup = await undertaking.cancel(session).then(
        () => ({ state: "canceled" }),
        (error: unknown) => ({ state: "failed", error }),
      );
    }
    // The journal is not to hide why the upload failed, which may be why this fails.
    await (cleanup.state === "canceled" ? record?.forget() : record?.cleanedUp(cleanup))?.catch(() => {});
    onEvent({ type: "cleanup", ...cleanup });
    const aborted = settings.signal?.aborted && reason === settings.signal.reason;
    if (!aborted && reason instanceof Error && Object.isExtensible(reason)) Object.assign(reason, { cleanup });
  }
}

/** Failures that would be the same if the upload were resumed. */
function isHopeless(reason: unknown): boolean {
  const { code } = Object(reason) as { code?: unknown };
  return ["source-changed", "size-mismatch", "digest-mismatch", "too-large", "expired"].includes(code as string);
}

/** Whether a target says so that it does not know the upload, or has closed it. */
function isGone(reason: unknown): boolean {
  const { status, code } = Object(reason) as { status?: unknown; code?: unknown };
  return code === "expired" || [400, 404, 409, 410].includes(status as number);
}
