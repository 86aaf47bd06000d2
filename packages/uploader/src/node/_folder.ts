import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { codeOf } from "./_file-error.ts";

/** What file systems answer that cannot make a folder's entries durable on request; on others it is an error. */
const NO_FOLDER_SYNC = new Set(["EINVAL", "EISDIR", "EPERM", "EACCES", "ENOTSUP", "EBADF"]);

/** Makes the folder, readable by its owner alone, unless it is there. */
export async function makeFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (made !== undefined) await syncFolder(dirname(made));
}

/** Puts the names in a folder on the disk. */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, "r");
    await handle.sync();
  } catch (error) {
    if (!NO_FOLDER_SYNC.has(codeOf(error))) throw error;
  } finally {
    await handle?.close();
  }
}
