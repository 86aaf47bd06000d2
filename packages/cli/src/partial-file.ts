import { type FileHandle, open, realpath, rename, rm, rmdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Entry, Journal } from "@sluice/uploader";
import { fileJournal } from "@sluice/uploader/node";
import { putNewFile } from "./put-new-file.ts";

/** Milliseconds after which what has arrived is put on the disk and written down. */
const PAUSE = 1_000;
const KEY = "sluice get";

/** What is being fetched. */
export interface Version {
  /** Where from, without what may be secret. */
  readonly address: string;
  /** Tells this version from others; undefined where the server has no word for that: then nothing is gone on with. */
  readonly fingerprint: string | undefined;
  readonly size: number | undefined;
}

/**
 * A file on its way to its place: in a folder beside it, `<path>.partial`, with a journal of how much of it counts, so that
 * another process can go on. One process has it at a time.
 */
export class PartialFile {
  readonly path: string;
  /** Bytes that are on the disk, by this process or one before. */
  arrived = 0;
  /** Why what was there could not be gone on with. */
  restarted: string | undefined;
  readonly #version: Version;
  readonly #journal: Journal;
  #lock: AsyncDisposable | undefined;
  #handle: FileHandle | undefined;
  #timer: NodeJS.Timeout | undefined;
  #recording: Promise<void> = Promise.resolve();

  private constructor(path: string, version: Version) {
    this.path = path;
    this.#version = version;
    this.#journal = fileJournal(this.folder);
  }

  /** Where it is until it is whole. */
  get folder(): string {
    return `${this.path}.partial`;
  }

  get #bytes(): string {
    return join(this.folder, "bytes");
  }

  /**
   * Finds what is there of this version, or begins.
   *
   * @throws {LockedError} when another process fetches to the same path.
   * @throws {Error} with `code` ENOSPC when the disk has no room for the rest.
   */
  static async open(path: string, version: Version): Promise<PartialFile> {
    const file = new PartialFile(path, version);
    file.#lock = await file.#journal.lock(KEY);
    try {
      await file.#begin();
      return file;
    } catch (error) {
      await file.keep().catch(() => {});
      throw error;
    }
  }

  /** What has arrived before; a chunk is good until the next one is asked for. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    const buffer = new Uint8Array(1 << 20);
    for (let position = 0; position < this.arrived; ) {
      const length = Math.min(buffer.byteLength, this.arrived - position);
      const { bytesRead } = await (this.#handle as FileHandle).read(buffer, 0, length, position);
      if (bytesRead === 0) throw new Error(`${this.folder} has lost its end`);
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  async write(chunk: Uint8Array): Promise<void> {
    const handle = this.#handle as FileHandle;
    // Never two at once, and a disk that is full is not written to any more.
    if (this.#timer === undefined) await this.#recording;
    for (let at = 0; at < chunk.byteLength; ) {
      const { bytesWritten } = await handle.write(chunk, at, chunk.byteLength - at, this.arrived);
      at += bytesWritten;
      this.arrived += bytesWritten;
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#recording = this.#record();
      // Whoever writes or ends next is told.
      this.#recording.catch(() => {});
    }, PAUSE);
  }

  /**
   * Gives the file its place, and ends.
   *
   * @throws {Error} with `code` EEXIST when there is one by now that is not to be replaced.
   */
  async commit(replace: boolean): Promise<void> {
    const handle = this.#handle as FileHandle;
    await this.#settle();
    const bytes = this.#bytes;
    await handle.truncate(this.arrived);
    // A link stays, and what it leads to is replaced.
    const place = replace ? await realpath(this.path).catch(() => this.path) : this.path;
    const old = await stat(place).catch(() => undefined);
    if (old && replace) await handle.chmod(old.mode & 0o777);
    await handle.sync();
    if (replace) await rename(bytes, place);
    else await putNewFile(bytes, place);
    await this.discard();
  }

  /** Lets go of it, so that the next process can go on where it is. Tells whether there is anything. */
  async keep(): Promise<boolean> {
    const some = this.#version.fingerprint !== undefined && this.arrived > 0;
    if (!some) await this.discard();
    else {
      await this.#settle().catch(() => {});
      // What was written down last counts when the disk takes no more.
      await this.#record().catch(() => {});
      await this.#close();
    }
    return some;
  }

  /** Leaves nothing. */
  async discard(): Promise<void> {
    await this.#settle().catch(() => {});
    await this.#handle?.close();
    this.#handle = undefined;
    await rm(this.#bytes, { force: true });
    await this.#journal.remove(KEY);
    await this.#close();
    // Not with what somebody else has put there.
    await rmdir(this.folder).catch(() => {});
  }

  async #begin(): Promise<void> {
    const { address, fingerprint, size } = this.#version;
    const [first, ...rest] = await this.#journal.read(KEY);
    const bytes = this.#bytes;
    const there = (await stat(bytes).catch(() => undefined))?.size ?? 0;
    const arrived = Number(rest.at(-1)?.["arrived"] ?? 0);
    const same = fingerprint !== undefined && first?.["fingerprint"] === fingerprint && first["address"] === address;
    if (same && arrived > 0 && there >= arrived) this.arrived = arrived;
    else if (there > 0) this.restarted = reasonOf(fingerprint, first, arrived);
    this.#handle = await open(bytes, this.arrived > 0 ? "r+" : "w+");
    if (this.arrived === 0) {
      await this.#journal.remove(KEY);
      await this.#journal.append(KEY, { type: "download", address, ...(fingerprint !== undefined && { fingerprint }) });
    }
    const { bavail, bsize } = await statfs(this.folder);
    const free = bavail * bsize;
    if (size !== undefined && size - this.arrived > free) {
      const left = size - this.arrived;
      const words = `Cannot save ${JSON.stringify(this.path)}: ${left} bytes are left and the disk has room for ${free}`;
      throw Object.assign(new Error(words), { code: "ENOSPC" });
    }
  }

  /** What is written down is on the disk, after a loss of power, too. */
  async #record(): Promise<void> {
    const { arrived } = this;
    await this.#handle?.datasync();
    await this.#journal.append(KEY, { arrived });
  }

  /** Nothing is being written down any more. */
  async #settle(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#recording;
  }

  async #close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
    await this.#lock?.[Symbol.asyncDispose]();
    this.#lock = undefined;
  }
}

function reasonOf(fingerprint: string | undefined, first: Entry | undefined, arrived: number): string {
  if (fingerprint === undefined) return "the server gives nothing by which to tell whether it has changed";
  return first === undefined || arrived === 0 ? "nothing vouches for what was kept" : "it is not what it was then";
}
