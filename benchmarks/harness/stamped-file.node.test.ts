import { createHash } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GiB, MiB } from "./size.ts";
import { StampChecker } from "./stamp-checker.ts";
import { createStampedFile, fileDigests } from "./stamped-file.ts";
import { temporaryFolder } from "./temporary-folder.ts";

let folder: ReturnType<typeof temporaryFolder>;
let path: string;
beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder.path, "stamped");
});
afterEach(() => folder[Symbol.dispose]());

async function contents(size: number, seed = 0): Promise<Buffer> {
  await createStampedFile(path, { size, seed });
  return readFileSync(path);
}

function swapped(bytes: Buffer, first: number, second: number): Buffer {
  const copy = Buffer.from(bytes);
  bytes.copy(copy, first, second, second + MiB);
  bytes.copy(copy, second, first, first + MiB);
  return copy;
}

describe("createStampedFile", () => {
  test("writes each MiB's own offset at its start, and nothing else but the mix", async () => {
    const bytes = await contents(3 * MiB);
    for (const offset of [0, MiB, 2 * MiB]) {
      expect(bytes.readBigUInt64LE(offset)).toBe(BigInt(offset));
      expect(bytes.subarray(offset + 16, offset + MiB).every((byte) => byte === 0)).toBe(true);
    }
  });

  test("costs 8 MiB of disk for 2 GiB", async () => {
    await createStampedFile(path, { size: 2 * GiB });
    const { size, blocks } = statSync(path);
    expect(size).toBe(2 * GiB);
    expect(blocks * 512).toBeLessThanOrEqual(10 * MiB);
  });

  test.for([0, 1, 15, 16, MiB, MiB + 7])("makes a file of exactly %i bytes", async (size) => {
    expect((await contents(size)).length).toBe(size);
  });

  test("differs by seed", async () => {
    const one = await contents(MiB, 1);
    await createStampedFile(`${path}2`, { size: MiB, seed: 2 });
    expect(readFileSync(`${path}2`).equals(one)).toBe(false);
  });
});

describe("fileDigests", () => {
  test("digests all of the file, and two swapped MiB change it", async () => {
    const bytes = await contents(4 * MiB + 5);
    const digests = await fileDigests(path, ["sha256", "md5"]);
    for (const [name, digest] of Object.entries(digests)) {
      expect(digest).toBe(createHash(name).update(bytes).digest("hex"));
    }
    writeFileSync(path, swapped(bytes, MiB, 3 * MiB));
    const after = await fileDigests(path, ["sha256", "md5"]);
    expect([after.sha256, after.md5]).not.toContain(digests.sha256);
    expect([after.sha256, after.md5]).not.toContain(digests.md5);
  });
});

describe("StampChecker", () => {
  const size = 3 * MiB + 100;

  test("takes the file's bytes cut anywhere, in any order", async () => {
    const bytes = await contents(size, 7);
    const cuts = fc.array(fc.nat({ max: size }), { maxLength: 12 });
    fc.assert(
      fc.property(cuts, fc.infiniteStream(fc.nat()), (at, random) => {
        const edges = [...new Set([0, ...at, size])].sort((a, b) => a - b);
        const pieces = edges.slice(1).map((end, index) => [edges[index] ?? 0, end] as const);
        const order = pieces.map((piece) => ({ piece, key: random.next().value })).sort((a, b) => a.key - b.key);
        const checker = new StampChecker({ size, seed: 7 });
        for (const { piece } of order) checker.check(piece[0], bytes.subarray(...piece));
        checker.finish();
      }),
      { numRuns: 30 },
    );
  });

  test("finds two swapped MiB, a wrong byte and a wrong seed", async () => {
    const bytes = await contents(size);
    const check = (received: Uint8Array, seed = 0) => new StampChecker({ size, seed }).check(0, received);
    expect(() => check(swapped(bytes, MiB, 2 * MiB))).toThrow("byte 1048578 of the file is 32, expected 16");
    const wrong = Buffer.from(bytes);
    wrong[2 * MiB + 999] = 1;
    expect(() => check(wrong)).toThrow("byte 2098151 of the file is 1, expected 0");
    expect(() => check(bytes, 1)).toThrow("byte 8 of the file");
  });

  test.for([
    [
      "missing",
      [
        [0, MiB],
        [2 * MiB, size],
      ],
    ],
    [
      "repeated",
      [
        [0, MiB],
        [0, MiB],
        [MiB, size],
      ],
    ],
    [
      "repeated in place of another",
      [
        [0, MiB],
        [0, MiB],
        [2 * MiB, size],
      ],
    ],
    [
      "overlapping",
      [
        [0, 2 * MiB],
        [MiB, size],
      ],
    ],
    ["all", []],
  ] as const)("finds what is not there exactly once: %s", async ([, ranges]) => {
    const bytes = await contents(size);
    const checker = new StampChecker({ size });
    for (const [start, end] of ranges) checker.check(start, bytes.subarray(start, end));
    expect(() => checker.finish()).toThrow(`expected ${size} in one`);
  });

  test("refuses bytes outside the file", () => {
    expect(() => new StampChecker({ size: 4 }).check(2, new Uint8Array(3))).toThrow("outside the file of 4");
  });
});
