import type { ByteSource } from "@sluice/source";
import { cancelWithin } from "./cancel-within.ts";
import { FileBounds } from "./file-bounds.ts";
import { type Found, inspectUpload } from "./inspect-upload.ts";
import type { FileInfo, PartTarget } from "./part-target.ts";
import { type Range, rangeOf } from "./range-of.ts";
import type { Settings } from "./settings.ts";
import type { UploadRecord } from "./upload-record.ts";

/** An upload that is about to begin, or to go on, before anything is known of it at the target. */
export interface Plan<Session, Receipt, Result> {
  readonly source: ByteSource;
  readonly file: FileInfo;
  readonly target: PartTarget<Session, Receipt, Result>;
  /** Of the parts, where they can be read again: only such an upload can be resumed. */
  readonly partSize: number | undefined;
  readonly settings: Settings;
  /** Where it is written down. */
  readonly record: UploadRecord | undefined;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * A plan, and what its steps have in common. Modules that are loaded when they are needed find that here: imported by
 * them and by the rest, it would be a chunk of its own in a bundle, and 0.2 kB more.
 */
export interface Undertaking<Session, Receipt, Result> extends Plan<Session, Receipt, Result> {
  readonly bounds: FileBounds;
  /** The part with this index, of a source that can be read again. */
  part(index: number, partSize: number): Range;
  /** What became of an upload whose completion failed so. */
  inspect(session: Session, cause?: unknown): Promise<Found<Result>>;
  /** Cancels it at the target, and waits for that, but not for ever. */
  cancel(session: Session): Promise<void>;
}

export function undertake<Session, Receipt, Result>(
  plan: Plan<Session, Receipt, Result>,
): Undertaking<Session, Receipt, Result> {
  const { source, file, target, settings } = plan;
  return {
    ...plan,
    bounds: new FileBounds(file, target),
    part: (index, partSize) => rangeOf(source, index, partSize),
    inspect: (session, cause) => inspectUpload(plan, session, cause),
    cancel: (session) => cancelWithin(target, session, settings.cleanupTimeout, settings.clock),
  };
}
