import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { MiB } from "./size.ts";

const STAMP = 16;
const block = Buffer.alloc(MiB);

/** What a stamped file holds is a function of these two. */
export interface Stamps {
  /** Of the file, in bytes. */
  readonly size: number;
  /**
   * Tells files of one size apart.
   * @default 0
   */
  readonly seed?: number;
}

/**
 * Creates a sparse file in which every MiB begins with its own offset (8 bytes, little endian) and 8 bytes mixed from
 * offset and seed; the rest is a hole. So a part that is repeated, missing or swapped changes the digest, and 2 GiB
 * take 8 MiB of disk.
 *
 * @param path Must not exist yet.
 */
export async function createStampedFile(path: string, stamps: Stamps): Promise<void> {
  const { size } = stamps;
  await using handle = await open(path, "wx");
  // The length first: file systems that allocate ahead of appended data would fill the holes.
  await handle.truncate(size);
  for (let offset = 0; offset < size; offset += MiB) {
    await handle.write(stampedBlock(offset, stamps), 0, Math.min(STAMP, size - offset), offset);
  }
}

/**
 * The bytes of the block that begins at `offset`, a multiple of 1 MiB. Valid until the next call.
 */
export function stampedBlock(offset: number, { seed = 0 }: Pick<Stamps, "seed">): Uint8Array {
  block.writeBigUInt64LE(BigInt(offset), 0);
  // The finaliser of splitmix64: neighbouring offsets share no bits.
  let mixed = BigInt.asUintN(64, BigInt(offset) + BigInt(seed) * 0x9e37_79b9_7f4a_7c15n);
  mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 30n)) * 0xbf58_476d_1ce4_e5b9n);
  mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d0_49bb_1331_11ebn);
  block.writeBigUInt64LE(mixed ^ (mixed >> 31n), 8);
  return block;
}

/**
 * @param algorithms As node:crypto names them.
 * @returns The file's digests in hexadecimal, from one pass over it.
 */
export async function fileDigests(path: string, algorithms: readonly string[]): Promise<Record<string, string>> {
  const hashes = algorithms.map((algorithm) => createHash(algorithm));
  for await (const chunk of createReadStream(path, { highWaterMark: MiB })) {
    for (const hash of hashes) hash.update(chunk);
  }
  return Object.fromEntries(hashes.map((hash, index) => [algorithms[index], hash.digest("hex")]));
}
