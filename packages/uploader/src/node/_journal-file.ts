import { randomUUID } from "node:crypto";
import { constants, type FileHandle, lstat, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { codeOf } from "./_file-error.ts";
import { syncFolder } from "./_folder.ts";
import { type Fault, header, type Reading, readJournal, sealedLine } from "./_journal-text.ts";

/** A link or a pipe that someone put there is neither followed nor waited for. Not known to Windows. */
const { O_RDWR, O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
/** What says that there is something which is no journal of ours, and not that the machine is in trouble. */
const NOT_OURS = new Set(["EACCES", "EPERM", "EISDIR", "ELOOP", "ENXIO", "EMLINK"]);

/** What a journal's file was found to be; `torn`: bytes lie beyond the last whole line. */
export type Finding = (Reading & { readonly torn: boolean }) | Fault | undefined;

/** Where the next line goes, and what it is sealed to. */
interface End {
  readonly inode: number;
  readonly end: number;
  readonly seal: string;
}

/**
 * The file of one key. What was read or written last is remembered with the file's size, so that an append costs one
 * write and one sync whatever the file holds; whenever something does not fit, it is forgotten and read again.
 */
export class JournalFile {
  readonly path: string;
  readonly #key: string;
  #handle: FileHandle | undefined;
  #known: End | undefined;

  constructor(path: string, key: string) {
    this.path = path;
    this.#key = key;
  }

  async exists(): Promise<boolean> {
    try {
      await lstat(this.path);
      return true;
    } catch (error) {
      if (codeOf(error) === "ENOENT") return false;
      throw error;
    }
  }

  /** Reads it and judges it; undefined where there is none. Changes nothing. */
  async look(): Promise<Finding> {
    try {
      const stats = await lstat(this.path);
      if (!stats.isFile()) return { reason: "foreign", detail: `it is ${kindOf(stats)}` };
      if (!(await isOwn(stats.uid, this.path))) return { reason: "foreign", detail: "it belongs to another user" };
      const handle = await open(this.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      const bytes = await handle.readFile().finally(() => handle.close());
      const reading = readJournal(bytes, this.#key);
      return "reason" in reading ? reading : { ...reading, torn: bytes.byteLength > reading.end };
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      if (codeOf(error) === "EIO") return { reason: "damaged", detail: "the disk cannot read it" };
      if (NOT_OURS.has(codeOf(error))) return { reason: "foreign", detail: `it cannot be read (${codeOf(error)})` };
      throw error;
    }
  }

  /** Adds a line, on the disk when this resolves. Calls do not overlap. */
  async append(json: string): Promise<void> {
    try {
      const known = (await this.#checked()) ?? (await this.#load());
      if (known === undefined) return await this.#create(json);
      const { line, seal } = sealedLine(known.seal, json);
      const handle = this.#handle as FileHandle;
      try {
        await writeAll(handle, line, known.end);
        await handle.datasync();
      } catch (error) {
        // What was written of it is no line, and the next reader would drop it; but it may be what fills the disk.
        await handle.truncate(known.end).catch(() => {});
        throw error;
      }
      this.#known = { ...known, end: known.end + line.byteLength, seal };
    } catch (error) {
      await this.forget();
      throw error;
    }
  }

  /** Gives the descriptor back. What is known stays known, and is checked when it is needed. */
  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async forget(): Promise<void> {
    this.#known = undefined;
    await this.close().catch(() => {});
  }

  async remove(): Promise<void> {
    await this.forget();
    await rm(this.path, { force: true });
    await syncFolder(dirname(this.path));
  }

  /** Puts it out of the way under a name that nothing has. */
  async setAside(why: string): Promise<string> {
    await this.forget();
    const when = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
    const at = `${this.path}.${why}-${when}-${randomUUID().slice(0, 8)}`;
    await rename(this.path, at);
    await syncFolder(dirname(this.path));
    return at;
  }

  /** What is known, if the file is still the one that it is known of. */
  async #checked(): Promise<End | undefined> {
    if (!this.#known) return undefined;
    const inUse = this.#handle !== undefined;
    try {
      this.#handle ??= await open(this.path, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
      const { nlink, ino, size } = await this.#handle.stat();
      if (nlink > 0 && ino === this.#known.inode && size === this.#known.end) return this.#known;
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
    }
    if (inUse) throw new Error("its file was changed or removed by someone else while it was in use");
    await this.forget();
    return undefined;
  }

  /** Reads the file to find where it ends, and cuts off what a crash left there. */
  async #load(): Promise<End | undefined> {
    const found = await this.look();
    if (found === undefined) return undefined;
    if ("reason" in found) {
      throw new Error(`${this.path} cannot be trusted: ${found.detail}. Read it first, which sets it aside`);
    }
    this.#handle = await open(this.path, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
    const { ino, mode } = await this.#handle.stat();
    // Someone let others read it; a file system that has no modes may refuse.
    if ((mode & 0o077) !== 0) await this.#handle.chmod(0o600).catch(() => {});
    if (found.torn) await this.#handle.truncate(found.end);
    this.#known = { inode: ino, end: found.end, seal: found.seal };
    return this.#known;
  }

  /** Makes the file with its first entry under another name, so that it is there whole or not at all. */
  async #create(json: string): Promise<void> {
    const first = header(this.#key);
    const { line, seal } = sealedLine(first.seal, json);
    const whole = Buffer.concat([first.line, line]);
    // Only who has the lock comes here: what is there was left by a process that was killed.
    const temporary = `${this.path}.new`;
    await rm(temporary, { force: true });
    const handle = await open(temporary, "wx+", 0o600);
    try {
      await writeAll(handle, whole, 0);
      await handle.sync();
      await rename(temporary, this.path);
      await syncFolder(dirname(this.path));
      this.#handle = handle;
      this.#known = { inode: (await handle.stat()).ino, end: whole.byteLength, seal };
    } catch (error) {
      await handle.close().catch(() => {});
      await rm(temporary, { force: true }).catch(() => {});
      throw error;
    }
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    done += (await handle.write(bytes, done, bytes.byteLength - done, position + done)).bytesWritten;
  }
}

/** The user's own, or the folder owner's: on file systems without users all files have the same one. */
async function isOwn(owner: number, path: string): Promise<boolean> {
  return owner === process.getuid?.() || owner === (await stat(dirname(path))).uid;
}

function kindOf(stats: { isDirectory(): boolean; isSymbolicLink(): boolean }): string {
  return stats.isDirectory() ? "a folder" : stats.isSymbolicLink() ? "a symbolic link" : "a pipe, a socket or a device";
}
