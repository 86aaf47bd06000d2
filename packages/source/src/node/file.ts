import { statfsSync, statSync } from "node:fs";
import { basename } from "node:path";
import mime from "mime";
import { checkInfo } from "../_check-info.ts";
import type { ByteSource, SourceInfo } from "../byte-source.ts";
import { fileError } from "./_file-error.ts";
import { look } from "./_look.ts";
import { pathOf } from "./_path-of.ts";
import { sourceOfFile } from "./_source-of-file.ts";

/**
 * Makes a source of a file, which is looked at once, at the call: so its size is known, and that it is there. It is
 * opened when the first byte is asked for, once for all streams and reads at the time, and closed after the last of them.
 *
 * A file that changes after that look is never passed off as the one that was asked for: see `SourceChangedError`.
 * A pipe, a device and a file that is made up as it is read (`/proc`) have no size and are streamed once.
 *
 * @param info What to call it, and its media type; by default its own name, and what its extension stands for.
 * @throws {Error} with Node's `code` (`ENOENT`, `EISDIR`, …) when there is no file that could be read.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { file } from "@sluice/source/node";
 *
 * await using source = file(import.meta.filename, { type: "text/plain" });
 * const text = await new Response(source.stream()).text();
 * assert.equal(new TextEncoder().encode(text).length, source.size);
 * ```
 */
export function file(path: string | URL, info: SourceInfo = {}): ByteSource {
  const action = "make a source of a file";
  checkInfo(action, info);
  const absolute = pathOf(action, path);
  let stats: ReturnType<typeof statBig>;
  try {
    stats = statBig(absolute);
  } catch (error) {
    throw fileError("read", absolute, error);
  }
  const found = look(absolute, stats, () => statfsSync(absolute));
  return sourceOfFile(absolute, found, infoOf(absolute, info));
}

/** What a file is called and holds, by its path where the caller did not say. */
export function infoOf(path: string, { name = basename(path), type }: SourceInfo): { name: string; type: string } {
  return { name, type: type ?? mime.getType(name) ?? "application/octet-stream" };
}

function statBig(path: string) {
  return statSync(path, { bigint: true });
}
