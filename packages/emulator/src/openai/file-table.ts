import type { Stored } from "../byte-sink.ts";
import type { ByteStore } from "../byte-store.ts";
import type { Clock } from "../clock.ts";
import type { FileShelf } from "../stored-files.ts";

/** A File, with the members that the API shows. */
export interface OpenAiFile {
  readonly id: string;
  readonly object: "file";
  readonly bytes: number;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly filename: string;
  readonly purpose: string;
  readonly status: "processed";
  readonly status_details: null;
}

export interface NewFile {
  readonly id: string;
  readonly filename: string;
  readonly type: string;
  readonly purpose: string;
  /** Seconds that it lives; undefined for ever. */
  readonly expiry: number | undefined;
}

/** The files of the account, less those that have expired. */
export class FileTable {
  readonly #clock: Clock;
  readonly #shelf: FileShelf;
  readonly #bytes: ByteStore;
  readonly #files = new Map<string, OpenAiFile>();

  constructor(clock: Clock, shelf: FileShelf, bytes: ByteStore) {
    this.#clock = clock;
    this.#shelf = shelf;
    this.#bytes = bytes;
  }

  add({ id, filename, type, purpose, expiry }: NewFile, { size, digests, path }: Stored): OpenAiFile {
    const createdAt = this.#clock.now();
    const created_at = unixSeconds(createdAt);
    const file: OpenAiFile = {
      id,
      object: "file",
      bytes: size,
      created_at,
      expires_at: expiry === undefined ? null : created_at + expiry,
      filename,
      purpose,
      status: "processed",
      status_details: null,
    };
    this.#files.set(id, file);
    this.#shelf.add({ id, provider: "openai", name: filename, type, size, path, createdAt }, digests);
    return file;
  }

  get(id: string): OpenAiFile | undefined {
    this.#expire();
    return this.#files.get(id);
  }

  /** Oldest first. */
  list(): OpenAiFile[] {
    this.#expire();
    return [...this.#files.values()];
  }

  delete(id: string): boolean {
    this.#expire();
    return this.#drop(id);
  }

  #drop(id: string): boolean {
    if (!this.#files.delete(id)) return false;
    const path = this.#shelf.delete(id, this.#clock.now());
    if (path !== undefined) this.#bytes.remove(path);
    return true;
  }

  #expire(): void {
    const now = unixSeconds(this.#clock.now());
    for (const { id, expires_at } of this.#files.values()) if (expires_at !== null && now >= expires_at) this.#drop(id);
  }
}

/** The API's times. */
export function unixSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
