import type { ByteSource } from "@sluice/source";
import { spoolSource } from "#spool";
import { checkParties } from "./check-parties.ts";
import { chooseWay } from "./choose-way.ts";
import type { FileInfo, PartTarget } from "./part-target.ts";
import { runUpload } from "./run-upload.ts";
import { resolveOptions, type Settings } from "./settings.ts";
import type { UploadOptions } from "./upload-options.ts";

/**
 * Uploads a source in parallel parts and returns what the target's `complete` returned.
 *
 * Of a replayable source each part is read as it is sent, from its own range; none is ever held whole. Of a stream that
 * can be read only once, parts are held in `memory` until they have arrived. A failed part goes again, from its own
 * bytes, as `retry` and the target's `repeat` allow. On a failure or an abort the others are stopped and the upload is
 * cancelled at the target, or kept for a resume where there is a journal; that is waited for, `cleanupTimeout` at most,
 * before the promise rejects.
 *
 * @param source What to upload. It is not closed: that is its owner's.
 * @throws {TypeError | RangeError} for an option that is not what it must be.
 * @throws {TooLargeError} when it cannot fit. {NeedsSizeError} when the target must know a size that the source does not.
 * @throws {CompletionUnknownError} when the completion got no clear answer and the target cannot tell.
 * @throws {LockedError} when the upload is in progress elsewhere, by its place in the journal.
 * @throws {AbortSignal["reason"]} when aborted.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { bytesSource } from "@sluice/source";
 * import { type PartTarget, upload } from "@sluice/uploader";
 *
 * const stored: string[] = [];
 * const memory: PartTarget<string, number, string> = {
 *   name: "memory",
 *   limits: { preferredPartSize: 4 },
 *   repeat: "harmless",
 *   create: async () => "session",
 *   async put(_session, { index, body }, { signal }) {
 *     stored[index] = await new Response(body.stream({ signal })).text();
 *     return index;
 *   },
 *   complete: async (_session, receipts) => receipts.map((index) => stored[index]).join(""),
 *   cancel: async () => {},
 * };
 * const source = bytesSource(new TextEncoder().encode("sluice gate"));
 * assert.equal(await upload(source, memory), "sluice gate");
 * ```
 */
export async function upload<Session, Receipt, Result>(
  source: ByteSource,
  target: PartTarget<Session, Receipt, Result>,
  options: UploadOptions = {},
): Promise<Result> {
  return uploadWith(source, target, resolveOptions("upload", options));
}

/** Uploads with options that are checked, and that several uploads may share. */
export async function uploadWith<Session, Receipt, Result>(
  source: ByteSource,
  target: PartTarget<Session, Receipt, Result>,
  settings: Settings,
): Promise<Result> {
  checkParties(source, target);
  const file = fileInfoOf(source);
  const way = chooseWay(source, file, target, settings);
  settings.signal?.throwIfAborted();
  if (way.kind !== "spool") return runUpload({ source, file, target, way, settings });
  const spooled = await spoolSource(source, way.folder, { signal: settings.signal ?? new AbortController().signal });
  try {
    return await uploadWith(spooled, target, settings);
  } finally {
    await spooled.close();
  }
}

/** What the target is told of a source. */
export function fileInfoOf({
  name = "upload",
  type = "application/octet-stream",
  size,
}: Pick<ByteSource, "name" | "type" | "size">): FileInfo {
  return { name, type, size };
}
