import { createHash, type Hash } from "node:crypto";
import { renameSync, rmSync } from "node:fs";
import { HoleWriter } from "./hole-writer.ts";

/** The digests that the emulator keeps of everything it receives, in lower-case hex. */
export interface Digests {
  readonly md5: string;
  readonly sha256: string;
}

/** What is wanted of a run of bytes: a file, digests, or both. */
export interface Wanted {
  readonly path: string | undefined;
  readonly digests: boolean;
}

/** Takes bytes in order into a file and digests. A file appears under its name only when it is whole. */
export class ByteJob {
  readonly #path: string | undefined;
  readonly #hashes: { md5: Hash; sha256: Hash } | undefined;
  #writer: HoleWriter | undefined;

  constructor({ path, digests }: Wanted) {
    this.#path = path;
    this.#hashes = digests ? { md5: createHash("md5"), sha256: createHash("sha256") } : undefined;
    if (path !== undefined) this.#writer = new HoleWriter(`${path}.partial`);
  }

  write(bytes: Buffer): void {
    this.#hashes?.md5.update(bytes);
    this.#hashes?.sha256.update(bytes);
    this.#writer?.write(bytes);
  }

  finish(): Digests | undefined {
    this.#writer?.close();
    this.#writer = undefined;
    if (this.#path !== undefined) renameSync(`${this.#path}.partial`, this.#path);
    if (this.#hashes === undefined) return undefined;
    return { md5: this.#hashes.md5.digest("hex"), sha256: this.#hashes.sha256.digest("hex") };
  }

  abort(): void {
    try {
      this.#writer?.close();
    } finally {
      this.#writer = undefined;
      if (this.#path !== undefined) rmSync(`${this.#path}.partial`, { force: true });
    }
  }
}
