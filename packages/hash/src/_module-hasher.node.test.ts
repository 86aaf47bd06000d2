import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WASM_HASHERS } from "./_compiled-hashers.ts";
import { moduleHasher } from "./_module-hasher.ts";
import { MODULE_TRAITS } from "./_module-traits.ts";
import type { WasmHasher } from "./_wasm-hasher.ts";
import type { Algorithm } from "./algorithm.ts";

// What workerd imports, driven by us, against the same modules as hash-wasm's own code drives them.
describe.each(Object.keys(MODULE_TRAITS) as Algorithm[])("moduleHasher(%s)", (algorithm) => {
  const theirs = WASM_HASHERS[algorithm];
  const ours = async (): Promise<WasmHasher> => {
    const file = new URL(`../dist/wasm/${MODULE_TRAITS[algorithm].file}.wasm`, import.meta.url);
    return moduleHasher(algorithm, { default: await WebAssembly.compile(readFileSync(file)) });
  };

  test("gives the digests and the states of hash-wasm, and each goes on from the other's", async () => {
    const piece = fc.uint8Array({ maxLength: 40_000, size: "max" });
    await fc.assert(
      fc.asyncProperty(piece, piece, async (before, after) => {
        const [a, b, c, d] = await Promise.all([ours(), theirs(), ours(), theirs()]);
        a.update(before);
        b.update(before);
        expect(a.save()).toEqual(b.save());
        c.load(b.save());
        d.load(a.save());
        const digests = [a, b, c, d].map((hasher) => {
          hasher.update(after);
          return Buffer.from(hasher.digest("binary")).toString("hex");
        });
        expect(new Set(digests).size).toBe(1);
      }),
      { numRuns: 20 },
    );
  });

  test("refuses a state of another build, and one of another size", async () => {
    const hasher = await ours();
    const state = hasher.save();
    const other = state.slice();
    (other[0] as number) ^= 1;
    expect(() => hasher.load(other)).toThrow(RangeError);
    expect(() => hasher.load(state.subarray(1))).toThrow(RangeError);
    expect(() => hasher.load(new Uint8Array([...state, 0]))).toThrow(RangeError);
    expect(() => hasher.load(new Uint8Array(0))).toThrow(RangeError);
  });
});
