import { checkSize } from "../_check-info.ts";
import { badChunkError } from "../_chunks.ts";
import { describe } from "../_describe.ts";
import { isBytes } from "../_is-bytes.ts";
import { SizeMismatchError } from "../size-mismatch-error.ts";
import { codedError } from "./_file-error.ts";
import { NewFile } from "./_new-file.ts";
import { pathOf } from "./_path-of.ts";

/** Options of `fileSink`. */
export interface FileSinkOptions {
  /** How many bytes there will be: the disk is checked for room, and one more or one less is a `SizeMismatchError`. */
  size?: number | undefined;
  /**
   * Permissions of the file.
   * @default those of the file that is overwritten; `0o666` less the umask for a new one
   */
  mode?: number | undefined;
  /**
   * Whether a file that is there already is replaced. If not, it is an error (`EEXIST`), also when it appears meanwhile.
   * @default true
   */
  overwrite?: boolean | undefined;
}

/**
 * Makes a stream that writes a file. Bytes go to a temporary file in the same folder, which takes its name when they are
 * all on the disk: whoever looks at the path sees what was there before or the whole of the new file, even after a power
 * cut. On an abort or an error nothing is left.
 *
 * @throws {TypeError} or {RangeError} at the call for options of the wrong kind or value; errors of the file system,
 * with Node's `code`, come from the first write.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { mkdtemp, readFile, rm } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { bytesSource } from "@sluice/source";
 * import { fileSink } from "@sluice/source/node";
 *
 * const folder = await mkdtemp(join(tmpdir(), "sink-"));
 * const path = join(folder, "gate.txt");
 * await bytesSource(new TextEncoder().encode("sluice")).stream().pipeTo(fileSink(path, { size: 6 }));
 * assert.equal(await readFile(path, "utf8"), "sluice");
 * await rm(folder, { recursive: true });
 * ```
 */
export function fileSink(path: string | URL, options: FileSinkOptions = {}): WritableStream<Uint8Array> {
  const action = "make a file sink";
  const target = pathOf(action, path);
  const { size, mode, overwrite = true } = options;
  checkSize(action, size);
  if (mode !== undefined && (!Number.isInteger(mode) || mode < 0 || mode > 0o7777)) {
    throw new RangeError(`Cannot ${action}: "mode" must be an integer from 0 to 0o7777, received ${describe(mode)}`);
  }
  if (typeof overwrite !== "boolean") {
    throw new TypeError(`Cannot ${action}: "overwrite" must be a boolean, received ${describe(overwrite)}`);
  }

  const file = new NewFile(target, { mode, overwrite });
  const what = JSON.stringify(target);
  let index = 0;
  let count = 0;

  return new WritableStream<Uint8Array>({
    write: (chunk) =>
      leaveNothing(async () => {
        if (!isBytes(chunk)) throw badChunkError(`into ${what}`, index, chunk);
        index += 1;
        if (size !== undefined && count + chunk.byteLength > size) {
          throw new SizeMismatchError(what, size, count + chunk.byteLength);
        }
        await begin();
        await file.write(chunk, count);
        count += chunk.byteLength;
      }),
    close: () =>
      leaveNothing(async () => {
        if (size !== undefined && count !== size) throw new SizeMismatchError(what, size, count);
        await begin();
        await file.commit();
      }),
    abort: () => file.discard(),
  });

  async function begin(): Promise<void> {
    if (!(await file.open()) || size === undefined) return;
    const free = await file.free();
    if (free !== undefined && free < size) {
      throw codedError("write", target, `it is ${size} bytes and the disk has room for ${free}`, "ENOSPC");
    }
  }

  /** A sink that threw is not aborted by the stream, so it tidies up itself. */
  async function leaveNothing(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await file.discard();
      throw error;
    }
  }
}
