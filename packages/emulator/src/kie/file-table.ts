import { randomBytes } from "node:crypto";
import type { Stored } from "../byte-sink.ts";
import type { ByteStore } from "../byte-store.ts";
import type { Clock } from "../clock.ts";
import type { FileShelf } from "../stored-files.ts";

/** A file, as the service knows it. */
export interface KieFile {
  /** Folder and name; what a second file of that name takes the place of. */
  readonly path: string;
  /** What the client called it. */
  readonly originalName: string;
  readonly type: string;
  readonly size: number;
  readonly uploadedAt: Date;
  readonly expiresAt: Date;
  readonly sha256: string | undefined;
  readonly md5: string | undefined;
  /** Where its bytes are, if they are kept. */
  readonly bytes: string | undefined;
  /** Differs between two files of one path. */
  readonly etag: string;
}

/** What is said of a file that has arrived. */
export interface NewFile {
  readonly path: string;
  readonly originalName: string;
  readonly type: string;
}

/** A file that was overwritten, and is served for a while all the same. */
interface Stale {
  readonly file: KieFile;
  readonly until: number;
}

/** The account's files, less those that have expired. */
export class FileTable {
  readonly #clock: Clock;
  readonly #bytes: ByteStore;
  readonly #shelf: FileShelf;
  readonly #lifetime: number;
  readonly #staleFor: number;
  readonly #files = new Map<string, KieFile>();
  readonly #stale = new Map<string, Stale>();

  constructor(
    { clock, bytes, shelf }: { clock: Clock; bytes: ByteStore; shelf: FileShelf },
    { lifetime, staleFor }: { lifetime: number; staleFor: number },
  ) {
    this.#clock = clock;
    this.#bytes = bytes;
    this.#shelf = shelf;
    this.#lifetime = lifetime;
    this.#staleFor = staleFor;
  }

  /** Takes a file in, in place of another one of its path. */
  add({ path, originalName, type }: NewFile, { size, digests, path: bytes }: Stored): KieFile {
    this.#expire();
    const uploadedAt = this.#clock.now();
    const file: KieFile = {
      path,
      originalName,
      type,
      size,
      uploadedAt,
      expiresAt: new Date(uploadedAt.getTime() + this.#lifetime),
      sha256: digests?.sha256,
      md5: digests?.md5,
      bytes,
      etag: `"${randomBytes(8).toString("hex")}"`,
    };
    const old = this.#files.get(path);
    if (old !== undefined) this.#overwritten(old, uploadedAt.getTime());
    this.#files.set(path, file);
    this.#shelf.add({ id: path, provider: "kie", name: path, type, size, path: bytes, createdAt: uploadedAt }, digests);
    return file;
  }

  /** The file that a path stands for. */
  get(path: string): KieFile | undefined {
    this.#expire();
    return this.#files.get(path);
  }

  /** The file that is served at a path: an older one while the cache in front still has it. */
  served(path: string): KieFile | undefined {
    this.#expire();
    return this.#stale.get(path)?.file ?? this.#files.get(path);
  }

  #overwritten(old: KieFile, now: number): void {
    if (this.#staleFor === 0) this.#remove(old);
    // What the cache has it keeps until its own time is over, however often the file changes behind it.
    else if (this.#stale.has(old.path)) this.#remove(old);
    else this.#stale.set(old.path, { file: old, until: now + this.#staleFor });
  }

  #expire(): void {
    const now = this.#clock.now();
    for (const [path, { file, until }] of this.#stale) {
      if (now.getTime() < until) continue;
      this.#stale.delete(path);
      this.#remove(file);
    }
    for (const [path, file] of this.#files) {
      if (now < file.expiresAt) continue;
      this.#files.delete(path);
      this.#shelf.delete(path, now);
      this.#remove(file);
    }
  }

  #remove({ bytes }: KieFile): void {
    if (bytes !== undefined) this.#bytes.remove(bytes);
  }
}
