import { constants, type FileHandle, open } from "node:fs/promises";
import { keyOf } from "./_journal-text.ts";

const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
const STEP = 4_096;
const NEWLINE = 0x0a;

/** The key in the first line of a file, read no further than that; undefined where it is no journal to be trusted. */
export async function keyIn(path: string): Promise<string | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const key = keyOf(await firstLine(handle));
    return typeof key === "string" ? key : undefined;
  } catch {
    return undefined;
  } finally {
    await handle?.close();
  }
}

async function firstLine(handle: FileHandle): Promise<Buffer> {
  let read = Buffer.alloc(0);
  while (!read.includes(NEWLINE)) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(STEP + read.byteLength));
    if (bytesRead === 0) return Buffer.alloc(0);
    read = Buffer.concat([read, buffer.subarray(0, bytesRead)]);
  }
  return read.subarray(0, read.indexOf(NEWLINE));
}
