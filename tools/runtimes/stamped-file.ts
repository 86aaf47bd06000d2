import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { open, readFile, rename, writeFile } from "node:fs/promises";
import { cacheFolder } from "./cache-folder.ts";

const MIB = 1 << 20;
/** What is large: 1 GiB. */
const LARGE = 1024 * MIB;

export interface StampedFile {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

/** A sparse file of 1 GiB in which every MiB begins with its own offset, so that no two are alike; made once. */
export async function stampedFile(): Promise<StampedFile> {
  const path = cacheFolder("stamped-1-GiB.bin");
  const digest = `${path}.sha256`;
  if (!existsSync(digest)) {
    const hash = createHash("sha256");
    const unfinished = `${path}.${process.pid}`;
    const file = await open(unfinished, "w");
    const block = new Uint8Array(MIB);
    for (let offset = 0; offset < LARGE; offset += MIB) {
      new DataView(block.buffer).setFloat64(0, offset);
      await file.write(block, 0, 8, offset);
      hash.update(block);
    }
    await file.truncate(LARGE);
    await file.close();
    await rename(unfinished, path);
    await writeFile(digest, hash.digest("hex"));
  }
  return { path, size: LARGE, sha256: await readFile(digest, "utf8") };
}
