import { untilAborted } from "@sluice/retry";
import type { ByteSource } from "@sluice/source";
import { cancelWithin } from "./cancel-within.ts";
import { checkJson } from "./check-json.ts";
import type { FileInfo, PartTarget } from "./part-target.ts";
import type { Settings } from "./settings.ts";
import type { UploadRecord } from "./upload-record.ts";

/** An upload that is about to begin, or to go on. */
export interface Undertaking<Session, Receipt, Result> {
  readonly source: ByteSource;
  readonly file: FileInfo;
  readonly target: PartTarget<Session, Receipt, Result>;
  /** Of the parts, where they can be read again: only such an upload can be resumed. */
  readonly partSize: number | undefined;
  readonly settings: Settings;
  readonly record: UploadRecord;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** An upload that is open at the target. */
export interface OpenUpload<Session, Receipt> {
  readonly session: Session;
  readonly createdAt: number;
  readonly partSize: number | undefined;
  /** Of what is at the target already, by the part's index. */
  readonly receipts: Map<number, Receipt>;
  readonly resumed: boolean;
}

/** Takes up the upload that is written down, where it can be; else creates one. */
export async function openUpload<Session, Receipt, Result>(
  undertaking: Undertaking<Session, Receipt, Result>,
): Promise<OpenUpload<Session, Receipt> | { readonly result: Result }> {
  if (!undertaking.record.kept) return createUpload(undertaking);
  const { resumeUpload } = await import("./resume-upload.ts");
  return (await resumeUpload(undertaking)) ?? createUpload(undertaking);
}

async function createUpload<Session, Receipt, Result>({
  source,
  file,
  target,
  partSize,
  settings,
  record,
  signal,
}: Undertaking<Session, Receipt, Result>): Promise<OpenUpload<Session, Receipt>> {
  const { clock, cleanupTimeout } = settings;
  const creating = (async () => target.create(file, { signal, attempt: 1, sent: () => {} }))();
  const session = await untilAborted(() => creating, signal).catch((reason: unknown) => {
    // One that comes too late is nobody's, and would stay.
    if (signal.aborted) creating.then((late) => cancelWithin(target, late, cleanupTimeout, clock)).catch(() => {});
    throw reason;
  });
  const createdAt = clock.now();
  try {
    checkJson(session, "session");
    const { fingerprint } = source;
    const { name, size } = file;
    await record.begin({ target: target.name, name, size, fingerprint, partSize, createdAt, session });
  } catch (error) {
    await cancelWithin(target, session, cleanupTimeout, clock).catch(() => {});
    throw error;
  }
  return { session, createdAt, partSize, receipts: new Map(), resumed: false };
}
