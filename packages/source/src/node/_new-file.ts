import type { FileHandle } from "node:fs/promises";
import { link, open, realpath, rename, rm, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { codedError, fileError } from "./_file-error.ts";

/** Larger chunks are written in pieces: one call takes at most 2 GiB, and an abort waits for the piece in hand. */
const MAX_WRITE = 8 * 1024 * 1024;
/** What file systems answer that cannot make the folder's entry durable on request; on others it is an error. */
const NO_FOLDER_SYNC = new Set(["EINVAL", "EISDIR", "EPERM", "ENOTSUP", "EBADF"]);

/** A file under a temporary name, which takes its own in one step. */
export class NewFile {
  readonly #given: string;
  readonly #mode: number | undefined;
  readonly #overwrite: boolean;
  #target: string;
  #temporary: string | undefined;
  #handle: FileHandle | undefined;

  constructor(target: string, { mode, overwrite }: { mode: number | undefined; overwrite: boolean }) {
    this.#given = target;
    this.#target = target;
    this.#mode = mode;
    this.#overwrite = overwrite;
  }

  /** @returns Whether this call opened it. */
  async open(): Promise<boolean> {
    if (this.#handle) return false;
    const mode = this.#mode ?? (await this.#modeOfTarget());
    // Short, whatever the target's name: a name has at most 255 bytes.
    const temporary = join(dirname(this.#target), `.sluice-${crypto.randomUUID()}.partial`);
    await this.#explained(async () => {
      this.#handle = await open(temporary, "wx", mode ?? 0o666);
      this.#temporary = temporary;
      // The umask is for new files; a mode that was asked for, or that the file had, holds.
      if (mode !== undefined) await this.#handle.chmod(mode);
    });
    return true;
  }

  /** Bytes that may still be written to the disk, where it says. */
  async free(): Promise<number | undefined> {
    const system = await statfs(dirname(this.#target)).catch(() => undefined);
    return system && system.bavail * system.bsize;
  }

  async write(chunk: Uint8Array, position: number): Promise<void> {
    await this.#explained(async () => {
      for (let done = 0; done < chunk.byteLength; ) {
        const length = Math.min(chunk.byteLength - done, MAX_WRITE);
        const { bytesWritten } = await this.#opened.write(chunk, done, length, position + done);
        done += bytesWritten;
      }
    });
  }

  /** Puts the bytes on the disk, then gives the file its name, then puts the name there. */
  async commit(): Promise<void> {
    await this.#explained(async () => {
      const temporary = this.#temporary as string;
      await this.#opened.sync();
      await this.#opened.close();
      if (this.#overwrite) {
        await rename(temporary, this.#target);
      } else {
        // Unlike a rename, a link fails where there is a file already.
        await link(temporary, this.#target);
        await rm(temporary);
      }
      this.#temporary = undefined;
      await syncFolder(dirname(this.#target));
    });
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    await this.#handle?.close().catch(() => {});
    if (this.#temporary !== undefined) await rm(this.#temporary, { force: true }).catch(() => {});
    this.#temporary = undefined;
  }

  get #opened(): FileHandle {
    return this.#handle as FileHandle;
  }

  /** The mode of the file that will be replaced, if there is one; and that it is one that can be. */
  async #modeOfTarget(): Promise<number | undefined> {
    const stats = await stat(this.#given).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw fileError("write", this.#given, error);
    });
    if (stats === undefined) return undefined;
    if (stats.isDirectory()) throw codedError("write", this.#given, "it is a folder", "EISDIR");
    // A rename would put a file in the place of /dev/null.
    if (!stats.isFile()) throw codedError("write", this.#given, "it is a pipe, a socket or a device", "EINVAL");
    if (!this.#overwrite) throw codedError("write", this.#given, "it exists", "EEXIST");
    // A symbolic link stays one: what it leads to is replaced.
    this.#target = await realpath(this.#given);
    return stats.mode & 0o7777;
  }

  async #explained(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw fileError("write", this.#given, error);
    }
  }
}

async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, "r");
    await handle.sync();
  } catch (error) {
    if (!NO_FOLDER_SYNC.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
  } finally {
    await handle?.close();
  }
}
