import type { FileHandle } from "node:fs/promises";
import { stat, statfs } from "node:fs/promises";
import { checkInfo } from "../_check-info.ts";
import { OneShotSource } from "../_one-shot-source.ts";
import { PositionalSource } from "../_positional-source.ts";
import type { ByteSource, SourceInfo } from "../byte-source.ts";
import { fileReader, sequentialReader } from "./_file-bytes.ts";
import { fileError } from "./_file-error.ts";
import { type Look, look } from "./_look.ts";
import { pathOf } from "./_path-of.ts";
import { sequentialChunks, sourceOfFile } from "./_source-of-file.ts";
import { infoOf } from "./file.ts";

/**
 * Makes a source of a file by its path, as `file` does but without blocking for the look; or of a `FileHandle`, which is
 * read at any position, or from where it stands when it is a pipe, and which is left open: whoever opened it closes it.
 *
 * @param info What to call it, and its media type. A handle has neither, so they are left undefined.
 * @returns A promise that rejects with an Error with Node's `code` when there is no file that could be read.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { open } from "node:fs/promises";
 * import { fileSource } from "@sluice/source/node";
 *
 * await using handle = await open(import.meta.filename);
 * const source = await fileSource(handle, { name: "example.ts" });
 * assert.equal(source.size, (await handle.stat()).size);
 * ```
 */
export async function fileSource(path: string | URL | FileHandle, info: SourceInfo = {}): Promise<ByteSource> {
  const action = "make a source of a file";
  checkInfo(action, info);
  if (isFileHandle(path)) return handleSource(path, info);
  const absolute = pathOf(action, path);
  return sourceOfFile(absolute, await lookAt(absolute), infoOf(absolute, info));
}

async function lookAt(path: string): Promise<Look> {
  const stats = await stat(path, { bigint: true }).catch((error: unknown) => {
    throw fileError("read", path, error);
  });
  // Asked for beforehand, because `look` is the same for `file`, which does not wait.
  const system = stats.blocks === 0n ? await statfs(path).catch(() => undefined) : undefined;
  return look(path, stats, () => system);
}

async function handleSource(handle: FileHandle, { name, type }: SourceInfo): Promise<ByteSource> {
  const path = name ?? "the file handle";
  const stats = await handle.stat({ bigint: true }).catch((error: unknown) => {
    throw fileError("read", path, error);
  });
  const system = stats.blocks === 0n ? await statfs(`/proc/self/fd/${handle.fd}`).catch(() => undefined) : undefined;
  const { kind, size, fingerprint } = look(path, stats, () => system);
  if (kind !== "file") {
    return new OneShotSource({
      name,
      type,
      size: undefined,
      kind: path,
      chunks: sequentialChunks(() => sequentialReader(path, openDescriptor(path, handle), () => {})),
      borrowed: false,
    });
  }
  return new PositionalSource({
    name,
    type,
    size,
    fingerprint,
    open: () =>
      fileReader({
        path,
        fd: () => openDescriptor(path, handle),
        size,
        fingerprint,
        stat: () => handle.stat({ bigint: true }),
        close() {},
      }),
  });
}

function openDescriptor(path: string, { fd }: FileHandle): number {
  if (fd < 0) throw new TypeError(`Cannot read ${JSON.stringify(path)}: its FileHandle is closed`);
  return fd;
}

function isFileHandle(value: unknown): value is FileHandle {
  return (
    value !== null &&
    typeof value === "object" &&
    "fd" in value &&
    typeof value.fd === "number" &&
    "stat" in value &&
    typeof value.stat === "function"
  );
}
