import { createHmac, timingSafeEqual } from "node:crypto";
import type { Stored } from "../byte-sink.ts";
import type { ByteStore } from "../byte-store.ts";
import type { Clock } from "../clock.ts";
import type { FileShelf } from "../stored-files.ts";

const LIFETIME = 24 * 3_600_000;

/** A file, with the members that the API shows but for its address. */
export interface ReplicateFile {
  readonly id: string;
  readonly name: string;
  readonly content_type: string;
  readonly size: number;
  readonly etag: string;
  readonly checksums: { readonly sha256: string | null; readonly md5: string | null };
  readonly metadata: unknown;
  readonly created_at: string;
  readonly expires_at: string;
}

export interface NewFile {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly metadata: unknown;
}

/** The files of the account, less those that have expired. */
export class FileTable {
  readonly #clock: Clock;
  readonly #shelf: FileShelf;
  readonly #bytes: ByteStore;
  readonly #secret: string;
  readonly #files = new Map<string, ReplicateFile>();

  constructor({ clock, shelf, bytes }: { clock: Clock; shelf: FileShelf; bytes: ByteStore }, secret: string) {
    this.#clock = clock;
    this.#shelf = shelf;
    this.#bytes = bytes;
    this.#secret = secret;
  }

  add({ id, name, type, metadata }: NewFile, { size, digests, path }: Stored): ReplicateFile {
    const createdAt = this.#clock.now();
    const file: ReplicateFile = {
      id,
      name,
      content_type: type,
      size,
      etag: digests?.md5 ?? id,
      checksums: { sha256: digests?.sha256 ?? null, md5: digests?.md5 ?? null },
      metadata,
      created_at: createdAt.toISOString(),
      expires_at: new Date(createdAt.getTime() + LIFETIME).toISOString(),
    };
    this.#files.set(id, file);
    this.#shelf.add({ id, provider: "replicate", name, type, size, path, createdAt }, digests);
    return file;
  }

  get(id: string): ReplicateFile | undefined {
    this.#expire();
    return this.#files.get(id);
  }

  /** Newest first. */
  list(): ReplicateFile[] {
    this.#expire();
    return [...this.#files.values()].reverse();
  }

  delete(id: string): void {
    if (!this.#files.delete(id)) return;
    const path = this.#shelf.delete(id, this.#clock.now());
    if (path !== undefined) this.#bytes.remove(path);
  }

  /** Whether the query of a signed address is ours, for this file, and not over. */
  isSigned(id: string, query: URLSearchParams): boolean {
    const [owner, expiry, signature] = ["owner", "expiry", "signature"].map((name) => query.get(name) ?? "");
    const wanted = createHmac("sha256", this.#secret).update(`${owner} ${id} ${expiry}`).digest();
    const given = Buffer.from(signature ?? "", "base64");
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return false;
    return Number(expiry) * 1000 > this.#clock.now().getTime();
  }

  #expire(): void {
    const now = this.#clock.now().getTime();
    for (const { id, expires_at } of this.#files.values()) if (now >= Date.parse(expires_at)) this.delete(id);
  }
}
