import type { Digests } from "./byte-job.ts";
import type { ProviderName } from "./provider.ts";

/** What the emulator knows of the bytes of a file that it received. */
export interface StoredFile {
  readonly id: string;
  readonly provider: ProviderName;
  readonly name: string;
  /** The media type that the client gave. */
  readonly type: string;
  readonly size: number;
  /** In lower-case hex; undefined with `digests: false`. */
  readonly md5: string | undefined;
  readonly sha256: string | undefined;
  /** Where the bytes are; undefined without `storage`, and once deleted. */
  readonly path: string | undefined;
  readonly createdAt: Date;
  /** When it was deleted, by a client or by its expiry. What is known of it stays. */
  readonly deletedAt: Date | undefined;
}

/** Looks into what the emulator received, past the providers' own calls. */
export interface StoredFiles {
  get(id: string): StoredFile | undefined;
  /** In order of arrival. */
  list(): StoredFile[];
}

/** All files of all providers. */
export class FileShelf implements StoredFiles {
  readonly #files = new Map<string, StoredFile>();

  get(id: string): StoredFile | undefined {
    return this.#files.get(id);
  }

  list(): StoredFile[] {
    return [...this.#files.values()];
  }

  add(file: Omit<StoredFile, "md5" | "sha256" | "deletedAt">, digests: Digests | undefined): void {
    this.#files.set(file.id, { ...file, md5: digests?.md5, sha256: digests?.sha256, deletedAt: undefined });
  }

  /** Notes that a file is gone, and says where its bytes are to be removed. */
  delete(id: string, deletedAt: Date): string | undefined {
    const file = this.#files.get(id);
    if (file !== undefined) this.#files.set(id, { ...file, path: undefined, deletedAt });
    return file?.path;
  }
}
