import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, statfs, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { ByteSource, ReadOptions } from "@sluice/source";
import { fileSource } from "@sluice/source/node";

/** How many bytes are written between two looks at the room that is left. */
const LOOK = 64 * 1024 * 1024;
/** Room that is left to everybody else. */
const RESERVE = 16 * 1024 * 1024;

/**
 * Copies a source that can be read once into a temporary file, which makes it one that knows its size and can be read
 * again. The file has no name any more when the first byte is written: however the process ends, nothing is left. (On
 * Windows, which does not part a file from its name, it is removed when the copy is closed.)
 *
 * @throws {Error} with the code ENOSPC before the disk is full.
 */
export async function spoolSource(
  source: ByteSource,
  folder: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<ByteSource> {
  // Not its parents: Node 24 never comes back from a recursive one below /proc.
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  const path = join(folder, `sluice-${randomUUID()}.spool`);
  const handle = await open(path, "wx+", 0o600);
  const nameless = await unlink(path).then(
    () => true,
    () => false,
  );
  const remove = async () => {
    await handle.close();
    if (!nameless) await unlink(path);
  };
  try {
    await copy(source, handle, folder, signal);
    const { name, type } = source;
    const spooled = await fileSource(handle, {
      ...(name !== undefined && { name }),
      ...(type !== undefined && { type }),
    });
    const { size, replayable, fingerprint, read } = spooled;
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> => {
      closing ??= spooled.close().then(remove);
      return closing;
    };
    return {
      size,
      name,
      type,
      replayable,
      fingerprint,
      stream: (range) => spooled.stream(range),
      ...(read && {
        read: (into: Uint8Array, position: number, options?: ReadOptions) =>
          read.call(spooled, into, position, options),
      }),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (reason) {
    await remove();
    throw reason;
  }
}

async function copy(source: ByteSource, handle: FileHandle, folder: string, signal: AbortSignal): Promise<void> {
  let position = 0;
  let looked = Number.NEGATIVE_INFINITY;
  for await (const chunk of source.stream({ signal })) {
    if (position - looked >= LOOK) {
      await expectRoom(folder, Math.max(LOOK, chunk.byteLength) + RESERVE);
      looked = position;
    }
    for (let written = 0; written < chunk.byteLength; ) {
      const { bytesWritten } = await handle.write(chunk, written, chunk.byteLength - written, position);
      written += bytesWritten;
      position += bytesWritten;
    }
  }
}

async function expectRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= bytes) return;
  throw Object.assign(
    new Error(
      `Cannot spool into ${JSON.stringify(folder)}: ${bavail * bsize} bytes are free, and at least ${bytes} are needed. Free some, or give the source's "size"`,
    ),
    { code: "ENOSPC" },
  );
}
