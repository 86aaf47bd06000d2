import { open } from "node:fs/promises";

const MIB = 1 << 20;

/**
 * Makes a sparse file in which every MiB begins with its own offset, so that a part that is swapped, repeated or lost
 * changes its digest; 2 GiB take some MiB of disk.
 */
export async function createStampedFile(path: string, size: number): Promise<void> {
  await using handle = await open(path, "wx");
  // The length first: file systems that allocate ahead of what is appended would fill the holes.
  await handle.truncate(size);
  const stamp = Buffer.alloc(8);
  for (let offset = 0; offset < size; offset += MIB) {
    stamp.writeBigUInt64BE(BigInt(offset) * 0x9e37_79b1n);
    await handle.write(stamp, 0, Math.min(stamp.length, size - offset), offset);
  }
}
