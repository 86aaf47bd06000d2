import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";

/** What a file system can leave out; a stamped 2 GiB file costs one page a stamp. */
const PAGE = 4096;
const ZEROS = Buffer.alloc(256 * 1024);

/** Writes a new file front to back, leaving pages of zeros as holes. */
export class HoleWriter {
  readonly #file: number;
  #size = 0;

  constructor(path: string) {
    this.#file = openSync(path, "wx", 0o600);
  }

  write(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      while (at < bytes.length && isZero(bytes, at)) at += PAGE;
      const start = Math.min(at, bytes.length);
      while (at < bytes.length && !isZero(bytes, at)) at += PAGE;
      const end = Math.min(at, bytes.length);
      for (let from = start; from < end; ) {
        from += writeSync(this.#file, bytes, from, end - from, this.#size + from);
      }
    }
    this.#size += bytes.length;
  }

  /** Gives the file its full size, which a hole at its end would take from it, and closes it. */
  close(): void {
    try {
      ftruncateSync(this.#file, this.#size);
    } finally {
      closeSync(this.#file);
    }
  }
}

function isZero(bytes: Buffer, at: number): boolean {
  // Most pages that are not zero show it in their first byte; only the rest are compared.
  if (bytes[at] !== 0) return false;
  const end = Math.min(at + PAGE, bytes.length);
  return bytes.compare(ZEROS, 0, end - at, at, end) === 0;
}
