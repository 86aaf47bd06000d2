import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { adopt, collectBytes } from "@sluice/streams";
import { stageLaws } from "@sluice/streams/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Algorithm, combineCrc, createHasher, HashStream } from "./index.ts";

const cuts = fc.array(fc.nat(), { maxLength: 8 });

/** Seeded noise of any length: an array of arbitrary bytes of this size would take longer to make than to hash. */
const noise = (maxLength: number) =>
  fc.tuple(fc.nat({ max: maxLength }), fc.integer({ min: 1 })).map(([length, seed]) => {
    const bytes = new Uint8Array(length);
    let state = seed;
    for (let index = 0; index < length; index += 1) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      bytes[index] = state;
    }
    return bytes;
  });

function split(input: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (input.length + 1)).sort((a, b) => a - b), input.length];
  return ends.map((end, index) => input.subarray(ends[index - 1] ?? 0, end));
}

test("HashStream agrees with node:crypto and node:zlib in 100,000 cases", { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(noise(1000), cuts, async (input, places) => {
      const hash = new HashStream(["sha256", "md5", "crc32"]);
      const output = await collectBytes(adopt(split(input, places)).pipeThrough(hash));
      expect(Buffer.compare(output, input)).toBe(0);
      const digests = await hash.digests;
      expect([digests.sha256.hex, digests.md5.hex, digests.crc32.hex]).toEqual([
        createHash("sha256").update(input).digest("hex"),
        createHash("md5").update(input).digest("hex"),
        crc32(input).toString(16).padStart(8, "0"),
      ]);
    }),
    { numRuns: 100_000 },
  );
});

describe.each(["md5", "sha1", "sha256", "sha512", "blake3", "crc32", "crc32c", "crc64nvme", "xxh64"] as const)(
  "createHasher(%s)",
  (algorithm: Algorithm) => {
    test("resumes anywhere, in 10,000 cases", { timeout: 600_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(noise(3000), fc.nat(), async (input, place) => {
          const [head, tail] = split(input, [place]) as [Uint8Array, Uint8Array];
          const first = await createHasher(algorithm, { resumable: true });
          first.update(head);
          const second = await createHasher(algorithm, { from: JSON.parse(JSON.stringify(first.save())) });
          first.update(tail);
          second.update(tail);
          expect(second.digest()).toEqual(first.digest());
        }),
        { numRuns: 10_000 },
      );
    });
  },
);

test.each(["crc32", "crc32c", "crc64nvme"] as const)(
  "combineCrc(%s) equals the serial value",
  { timeout: 600_000 },
  async (algorithm) => {
    const crcOf = async (bytes: Uint8Array) => {
      const hasher = await createHasher(algorithm);
      hasher.update(bytes);
      return hasher.digest();
    };
    await fc.assert(
      fc.asyncProperty(noise(500), fc.nat(), async (input, place) => {
        const [head, tail] = split(input, [place]) as [Uint8Array, Uint8Array];
        const combined = combineCrc(algorithm, await crcOf(head), await crcOf(tail), tail.length);
        expect(combined.hex).toBe((await crcOf(input)).hex);
      }),
      // A hasher of WebAssembly costs a tenth of a millisecond to make.
      { numRuns: algorithm === "crc32" ? 100_000 : 20_000 },
    );
  },
);

describe("HashStream in workers", () => {
  const laws = stageLaws({
    create: (options) => new HashStream(["sha256", "xxh64"], { ...options, worker: true }),
    expected: (input) => input,
    inputs: noise(3_000_000),
    runs: 10,
  });
  test.each(laws.map(({ name, check }) => [name, check] as const))("%s", (_, check) => check(), 600_000);
});
