import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Algorithm, createHasher, type Hasher } from "./index.ts";

const algorithms: Algorithm[] = ["md5", "sha1", "sha256", "sha512", "blake3", "crc32", "crc32c", "crc64nvme", "xxh64"];

describe.each(algorithms)("createHasher(%s)", (algorithm) => {
  test("gives one digest for every split, resumable or not, and resumed anywhere", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 6000 }),
        fc.array(fc.nat(), { maxLength: 6 }),
        async (input, cuts) => {
          const whole = await createHasher(algorithm);
          whole.update(input);
          const expected = whole.digest().hex;

          const places = cuts.map((cut) => cut % (input.length + 1)).sort((a, b) => a - b);
          const split = await createHasher(algorithm);
          let resumed: Hasher = await createHasher(algorithm, { resumable: true });
          let from = 0;
          for (const to of [...places, input.length]) {
            split.update(input.subarray(from, to));
            resumed.update(input.subarray(from, to));
            const state = JSON.parse(JSON.stringify(resumed.save()));
            expect(state.size).toBe(to);
            // Saving disturbs nothing, and the saved one goes on as if nothing had been.
            resumed = await createHasher(algorithm, { from: state });
            expect(resumed.size).toBe(to);
            from = to;
          }
          expect(split.digest().hex).toBe(expected);
          expect(resumed.digest().hex).toBe(expected);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("goes on unharmed after a save, and gives its digest again", async () => {
    const hasher = await createHasher(algorithm, { resumable: true });
    const once = await createHasher(algorithm);
    const bytes = new TextEncoder().encode("to the weir");
    hasher.update(bytes);
    hasher.save();
    hasher.update(bytes);
    once.update(bytes);
    once.update(bytes);
    const digest = hasher.digest();
    expect(digest.hex).toBe(once.digest().hex);
    expect(hasher.digest()).toBe(digest);
    expect(() => hasher.update(bytes)).toThrow(/its digest has been taken/);
    expect(() => hasher.save()).toThrow(/its digest has been taken/);
  });

  test("runs beside another one of its kind", async () => {
    const [a, b] = await Promise.all([createHasher(algorithm), createHasher(algorithm)]);
    const alone = await createHasher(algorithm);
    a.update(Uint8Array.of(1));
    b.update(Uint8Array.of(2));
    a.update(Uint8Array.of(3));
    b.digest();
    alone.update(Uint8Array.of(1, 3));
    expect(a.digest().hex).toBe(alone.digest().hex);
  });
});

test("a digest is the same in all notations, and its own memory", async () => {
  const hasher = await createHasher("crc32c");
  hasher.update(new TextEncoder().encode("123456789"));
  const { algorithm, bytes, hex, base64 } = hasher.digest();
  expect([algorithm, [...bytes], hex, base64]).toEqual(["crc32c", [0xe3, 0x06, 0x92, 0x83], "e3069283", "4waSgw=="]);
  expect(structuredClone(bytes, { transfer: [bytes.buffer] }).byteLength).toBe(4);
});

test.each(["SHA-1", "SHA-256", "SHA-512"] as const)("agrees with WebCrypto on %s", async (name) => {
  const algorithm = name.toLowerCase().replace("-", "") as Algorithm;
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 1000 }), fc.boolean(), async (input, resumable) => {
      const hasher = await createHasher(algorithm, { resumable });
      hasher.update(input);
      const judge = new Uint8Array(await crypto.subtle.digest(name, input as Uint8Array<ArrayBuffer>));
      expect(hasher.digest().bytes).toEqual(judge);
    }),
    { numRuns: 50 },
  );
});

test("createHasher refuses an algorithm that it does not know, naming those that it does", async () => {
  const known = "md5, sha1, sha256, sha512, blake3, crc32, crc32c, crc64nvme, xxh64";
  await expect(createHasher("sha3" as Algorithm)).rejects.toThrow(
    new RangeError(`Cannot create a hasher: "algorithm" must be one of ${known}, received "sha3"`),
  );
  await expect(createHasher("constructor" as Algorithm)).rejects.toThrow(RangeError);
  await expect(createHasher(null as never)).rejects.toThrow(
    new TypeError(`Cannot create a hasher: "algorithm" must be one of ${known}, received null`),
  );
});

test("a hasher takes bytes alone, and saves only when it was made to", async () => {
  const hasher = await createHasher("xxh64");
  expect(() => hasher.update("text" as never)).toThrow(
    new TypeError("Cannot hash: expected a Uint8Array, received string"),
  );
  expect(() => hasher.update(new DataView(new ArrayBuffer(1)) as never)).toThrow("received DataView");
  expect(() => hasher.save()).toThrow(/it was not made with \{ resumable: true \}/);
});
