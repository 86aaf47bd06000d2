import { gzipSync } from "node:zlib";
import { adopt, collectBytes } from "@sluice/streams";
import { expect, test } from "vitest";
import { type CompressionEngine, DecompressorStream } from "./index.ts";
import { nativeIsStrict } from "./native-classes.ts";

const SIZE = 4_096;

/** A gzip file of 4 KiB with blocks of more than one kind. */
function gzipFile(): { file: Uint8Array<ArrayBuffer>; content: Buffer } {
  let state = 3;
  const words = Array.from({ length: 6_000 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 24).toString(36);
  }).join(" ");
  let content = Buffer.from(words);
  let file = gzipSync(content);
  while (file.length > SIZE) {
    content = content.subarray(0, content.length - Math.max(1, file.length - SIZE));
    file = gzipSync(content);
  }
  return { file: new Uint8Array(file), content };
}

/** Flips the bits one at a time. Each result must be refused by a TypeError, or give the same bytes. */
export async function flipBits(engine: CompressionEngine, step: number): Promise<{ refused: number; same: number }> {
  const { file, content } = gzipFile();
  expect(file.length).toBeGreaterThan(SIZE - 16);
  let refused = 0;
  let same = 0;
  for (let bit = 0; bit < file.length * 8; bit += step) {
    const broken = file.slice();
    (broken[bit >> 3] as number) ^= 1 << (bit & 7);
    try {
      const output = await collectBytes(adopt([broken]).pipeThrough(new DecompressorStream("gzip", { engine })));
      expect(content.equals(output), `bit ${bit} is wrong, and so is the output`).toBe(true);
      same += 1;
    } catch (error) {
      if (!(error instanceof TypeError && "code" in error && "offset" in error)) throw error;
      refused += 1;
    }
  }
  return { refused, same };
}

// Node 22 has a class that DecompressorStream does not trust.
const strict = await nativeIsStrict(DecompressionStream);
const engines = (["zlib", "native", "fflate"] as const).filter((engine) => engine !== "native" || strict);

test.each(engines)("no flipped bit goes unnoticed by %s", async (engine) => {
  // Every bit's turn is in every.slow.test.ts.
  const { refused, same } = await flipBits(engine, 127);
  expect(refused).toBeGreaterThan(250);
  // The bits of time, hints and system, which say nothing about the content.
  expect(same).toBeLessThan(8);
});
