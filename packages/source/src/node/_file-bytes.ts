import type { BigIntStats } from "node:fs";
import type { RangeReader } from "../_range-stream.ts";
import { SourceChangedError } from "../source-changed-error.ts";
import { fileReads } from "./_file-reads.ts";
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
  const readAt = fileReads(path, (position) => changed(`it ended after ${position} of ${size} bytes`));
  const readPast = fileReads(path);
  return {
    read: (into, position) => readAt(fd(), into, position),
    async verify(end) {
      // Some file systems (FUSE, network) state sizes that are not the length of what they give.
      const excess = end === size ? readPast(fd(), new Uint8Array(1), size) : 0;
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
  const readOn = fileReads(path);
  return { read: (into) => readOn(fd, into, null), close };
}

function reasonOf(error: NodeJS.ErrnoException): string {
  return error.code === "ENOENT" ? "no file" : error.message;
}
