import { stat } from "node:fs/promises";
import { createHasher } from "@sluice/hash";
import type { ByteSource } from "@sluice/source";
import { formatSize } from "./byte-size.ts";
import { CommandError } from "./command-error.ts";
import type { ExpectedDigest } from "./expected-digest.ts";
import type { Output } from "./output.ts";
import { PartialFile } from "./partial-file.ts";

/** What is saved, and where. */
export interface Download {
  readonly source: ByteSource;
  /** Where it comes from, without what may be secret. */
  readonly address: string;
  readonly path: string;
  readonly expected: ExpectedDigest | undefined;
  /** Whether a file that is there is replaced. */
  readonly force: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (arrived: number) => void;
}

/** A transfer that broke off, of which something is there for the next one. */
export class KeptError extends Error {
  override readonly name = "KeptError";
  readonly hint: string;

  constructor(hint: string, cause: unknown) {
    super("The transfer broke off", { cause });
    this.hint = hint;
  }
}

/**
 * Saves a file whole or not at all, going on where an earlier transfer of the same version broke off. Gives its size.
 *
 * @throws {KeptError} when it breaks off, and what has arrived is there for the next one.
 */
export async function saveDownload(download: Download, output: Output): Promise<number> {
  const { source, address, path, expected, force, signal, onProgress } = download;
  const { fingerprint, size, replayable } = source;
  await checkPlace(path, force);
  const file = await PartialFile.open(path, { address, fingerprint: replayable ? fingerprint : undefined, size });
  try {
    if (file.arrived > 0) {
      output.note(`${path}: ${formatSize(file.arrived)} have arrived before; going on from there.`);
    }
    if (file.restarted !== undefined) output.note(`${path}: starts over (${file.restarted}).`);
    const hasher = expected && (await createHasher(expected.algorithm));
    if (hasher) for await (const chunk of file.chunks()) hasher.update(chunk);
    const range = file.arrived > 0 ? { start: file.arrived, signal } : { signal };
    for await (const chunk of source.stream(range)) {
      hasher?.update(chunk);
      await file.write(chunk);
      onProgress(file.arrived);
    }
    const found = hasher?.digest().hex;
    if (expected && found !== expected.hex) {
      throw Object.assign(
        new CommandError(
          `What came has the ${expected.algorithm} ${found}, and not the one that was expected.`,
          "Nothing was saved: get it again, and check the digest.",
        ),
        { code: "digest-mismatch" },
      );
    }
    signal.throwIfAborted();
    await file.commit(force);
    return file.arrived;
  } catch (error) {
    const { code } = Object(error) as { code?: unknown };
    const arrived = formatSize(file.arrived);
    // What is wrong, or of another version, is of no use to anybody.
    if (code === "digest-mismatch" || code === "source-changed" || code === "size-mismatch") await file.discard();
    else if (await file.keep()) {
      throw new KeptError(`${arrived} are kept in ${file.folder}: the same command goes on with them.`, error);
    }
    throw error;
  }
}

/** What cannot be saved is not fetched. */
async function checkPlace(path: string, force: boolean): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there === undefined) return;
  const name = JSON.stringify(path);
  if (!there.isFile()) throw new CommandError(`${name} is no file.`, "Choose another name with -o.");
  if (!force) throw Object.assign(new Error(`There is a file ${name} already`), { code: "EEXIST" });
}
