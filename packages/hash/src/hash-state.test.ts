import fc from "fast-check";
import { describe, expect, test } from "vitest";
import old from "../testdata/hash-wasm-4.12.0-states.json" with { type: "json" };
import { HASH_WASM_VERSION } from "./_wasm-engine.ts";
import { sealState, withChecksum } from "./hash-state.ts";
import { type Algorithm, createHasher, type HashState, HashStream, StateRefusedError } from "./index.ts";

const bytes = new TextEncoder().encode("12345");

async function stateOf(algorithm: Algorithm): Promise<HashState> {
  const hasher = await createHasher(algorithm, { resumable: true });
  hasher.update(bytes);
  return hasher.save();
}

async function refusalOf(from: unknown, algorithm: Algorithm): Promise<string> {
  const error = await createHasher(algorithm, { from: from as HashState }).catch((error: unknown) => error);
  if (!(error instanceof StateRefusedError)) return `${error}`;
  expect(error).toMatchObject({ code: "state-refused", retryable: false, algorithm });
  expect(error.message).toContain("Hash the bytes again from the start");
  return error.refusal;
}

describe("a state of another release of hash-wasm", () => {
  test.each(old.states.map((state) => [state.algorithm, state] as const))("is refused: %s", async (name, written) => {
    const algorithm = name as Algorithm;
    const memory = Uint8Array.from(atob(written.state), (character) => character.charCodeAt(0));
    const build = Array.from(memory.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join("");
    const honest = sealState(algorithm, 5, { name: "hash-wasm", version: `4.12.0+${build}` }, memory);
    expect(await refusalOf(honest, algorithm)).toBe("engine");
    // Were the releases mistaken for each other, the build would tell; and without it, hash-wasm itself.
    const mistaken = sealState(algorithm, 5, { name: "hash-wasm", version: `${HASH_WASM_VERSION}+${build}` }, memory);
    expect(await refusalOf(mistaken, algorithm)).toBe("engine");
    const { engineVersion } = await stateOf(algorithm);
    const forged = sealState(algorithm, 5, { name: "hash-wasm", version: engineVersion }, memory);
    expect(await refusalOf(forged, algorithm)).toBe("damaged");
  });

  test("does not concern a CRC, whose state is its value", async () => {
    const from = { ...(await stateOf("crc32")) };
    expect(from).toMatchObject({
      engine: "portable",
      engineVersion: "1",
      state: "y/U6HA==",
      parameters: "polynomial=edb88320",
    });
    const hasher = await createHasher("crc32", { from });
    hasher.update(new TextEncoder().encode("6789"));
    expect(hasher.digest().hex).toBe("cbf43926");
  });
});

test("a state of another algorithm is refused, by name and, for a CRC, by polynomial", async () => {
  expect(await refusalOf(await stateOf("sha1"), "sha256")).toBe("algorithm");
  const castagnoli = await stateOf("crc32c");
  expect(await refusalOf(castagnoli, "crc32")).toBe("algorithm");
  // The name alone is not believed: what counts is what determines the value.
  expect(await refusalOf(withChecksum({ ...castagnoli, algorithm: "crc32" }), "crc32")).toBe("algorithm");
  expect(await refusalOf(withChecksum({ ...(await stateOf("xxh64")), parameters: "seed=1" }), "xxh64")).toBe(
    "algorithm",
  );
});

test("a state of which any field was changed is refused", async () => {
  for (const algorithm of ["md5", "crc32"] as const) {
    const state = await stateOf(algorithm);
    const changes: Partial<Record<keyof HashState, unknown>> = {
      algorithm: "sha1",
      parameters: "polynomial=82f63b78",
      size: state.size + 1,
      engine: "other",
      engineVersion: `${state.engineVersion}0`,
      state: `A${state.state.slice(1)}`,
      checksum: "00000000",
    };
    for (const [field, value] of Object.entries(changes)) {
      expect([field, await refusalOf({ ...state, [field]: value }, algorithm)]).toEqual([field, "damaged"]);
    }
  }
});

test("a state whose content makes no sense is refused, checksum or not", async () => {
  const state = await stateOf("crc32");
  for (const change of [{ size: -1 }, { size: 1.5 }, { state: "AAAA" }, { state: "§" }, { state: 1 as never }]) {
    expect(await refusalOf(withChecksum({ ...state, ...change }), "crc32")).toBe("damaged");
  }
});

test("a state of another engine or format is refused", async () => {
  const state = await stateOf("md5");
  expect(await refusalOf(withChecksum({ ...state, engine: "other-wasm" }), "md5")).toBe("engine");
  expect(await refusalOf(withChecksum({ ...state, engineVersion: "4.14.0+dc3031df" }), "md5")).toBe("engine");
  expect(await refusalOf({ ...state, format: 2 }, "md5")).toBe("format");
});

test.each([null, 1, "text", [], {}, { format: "1" }])("what is no state is refused: %j", async (from) => {
  expect(await refusalOf(from, "md5")).toBe("damaged");
});

test("a state that was changed anywhere is refused", async () => {
  const states = [await stateOf("md5"), await stateOf("blake3"), await stateOf("crc64nvme")];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...states), fc.nat(), fc.nat({ max: 94 }), async (state, place, character) => {
      const text = JSON.stringify(state);
      const at = place % text.length;
      const changed = `${text.slice(0, at)}${String.fromCharCode(32 + character)}${text.slice(at + 1)}`;
      fc.pre(changed !== text);
      let from: unknown;
      try {
        from = JSON.parse(changed);
      } catch {
        return;
      }
      // A changed name of a field is a missing field; one that changes nothing that counts cannot be had.
      fc.pre(JSON.stringify(from) !== text);
      expect(["damaged", "format"]).toContain(await refusalOf(from, state.algorithm as Algorithm));
    }),
    { numRuns: 300 },
  );
});

test("HashStream refuses at construction", async () => {
  const from = await stateOf("md5");
  expect(() => new HashStream("sha256", { from })).toThrow(StateRefusedError);
  expect(() => new HashStream(["md5", "sha256"], { from: { md5: from, sha256: from } })).toThrow(StateRefusedError);
});
