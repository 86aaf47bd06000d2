import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HoleWriter } from "./hole-writer.ts";

let folder: string;
let files = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "emulator-test-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(blocks: readonly Buffer[]): string {
  files += 1;
  const path = join(folder, String(files));
  const writer = new HoleWriter(path);
  for (const block of blocks) writer.write(block);
  writer.close();
  return path;
}

test("HoleWriter writes what it was given, wherever zeros and blocks begin and end", () => {
  const run = fc.record({ length: fc.nat(20_000), value: fc.constantFrom(0, 0, 7) });
  const block = fc
    .array(run, { maxLength: 8 })
    .map((runs) => Buffer.concat(runs.map(({ length, value }) => Buffer.alloc(length, value))));
  fc.assert(
    fc.property(fc.array(block, { maxLength: 5 }), (blocks) => {
      const path = write(blocks);
      expect(readFileSync(path).equals(Buffer.concat(blocks))).toBe(true);
      rmSync(path);
    }),
  );
});

test("HoleWriter spends no disk on zeros", () => {
  const blocks = Array.from({ length: 256 }, (_, index) => {
    const block = Buffer.alloc(256 * 1024);
    if (index % 4 === 0) block.writeUInt32LE(index + 1);
    return block;
  });
  const { size, blocks: sectors } = statSync(write(blocks));
  expect(size).toBe(64 * 1024 * 1024);
  // One page a stamp, and what the file system keeps beside.
  expect(sectors * 512).toBeLessThan(1024 * 1024);
});
