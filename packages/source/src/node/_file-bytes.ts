import { type BigIntStats, read } from "node:fs";
import type { RangeReader } from "../_range-stream.ts";
import { SourceChangedError } from "../source-changed-error.ts";
import { fileError } from "./_file-error.ts";
import { fingerprintOf } from "./_look.ts";

/** An open file, and how to see what became of it. */
export interface OpenFile {
  readonly path: string;
  /** Its descriptor, as long as it is open. */
  fd(): number;
  readonly size: number;
  readonly fingerprint: string;
  /** What is known of the file by now. */
  stat(): Promise<BigIntStats>;
  close(): void | Promise<void> | undefined;
}

/** Reads a file anywhere, and sees to it that it is the same file at the end. */
export function fileReader({ path, fd, size, fingerprint, stat, close }: OpenFile): RangeReader {
  return {
    read(into, position) {
      return readAt(path, fd(), into, position, () => changed(`it ended after ${position} of ${size} bytes`));
    },
    async verify(end) {
      // Some file systems (FUSE, network) state sizes that are not the length of what they give.
      const excess = end === size ? readAt(path, fd(), new Uint8Array(1), size) : 0;
      const [received, more] = await Promise.all([stat().then(fingerprintOf, reasonOf), excess]);
      if (received !== fingerprint) throw new SourceChangedError({ path, expected: fingerprint, received });
      if (more > 0) throw await changed(`it has more than ${size} bytes`);
    },
    close,
  };

  async function changed(otherwise: string): Promise<SourceChangedError> {
    const now = await stat().then(fingerprintOf, reasonOf);
    return new SourceChangedError({ path, expected: fingerprint, received: now === fingerprint ? otherwise : now });
  }
}

/** Reads from where the last read ended, as pipes, devices and files that are made up while they are read want it. */
export function sequentialReader(path: string, fd: number, close: () => void | Promise<void>): RangeReader {
  return { read: (into) => readAt(path, fd, into, null), close };
}

/**
 * The callback form: of two equal loops over 256 KiB, the one through `FileHandle.read` is slower.
 *
 * @param atEnd Makes the error for an end that should not be there. A promise that this one came through would cost each
 * of thousands of reads as much garbage again.
 */
function readAt(
  path: string,
  fd: number,
  into: Uint8Array,
  position: number | null,
  atEnd?: () => Promise<Error>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, into, 0, into.byteLength, position, (error, count) => {
      if (error) reject(fileError("read", path, error));
      else if (count === 0 && atEnd) atEnd().then(reject);
      else resolve(count);
    });
  });
}

function reasonOf(error: NodeJS.ErrnoException): string {
  return error.code === "ENOENT" ? "no file" : error.message;
}
