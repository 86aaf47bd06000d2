import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { HASH_WASM_VERSION, wasmEngine } from "./_wasm-engine.ts";
import { ALGORITHMS } from "./algorithm.ts";
import { type Algorithm, createHasher } from "./index.ts";

test.each(["md5", "sha1", "sha256", "sha512"] as const)("agrees with node:crypto on %s", async (algorithm) => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 70_000, size: "max" }), fc.boolean(), async (input, resumable) => {
      const hasher = await createHasher(algorithm, { resumable });
      for (let at = 0; at < input.length; at += 16_385) hasher.update(input.subarray(at, at + 16_385));
      expect(hasher.digest().hex).toBe(createHash(algorithm).update(input).digest("hex"));
    }),
    { numRuns: 30 },
  );
});

test("agrees with node:zlib on crc32, by either engine", async () => {
  const engine = await wasmEngine("crc32");
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (input) => {
      const native = await createHasher("crc32");
      native.update(input);
      const judge = crc32(input).toString(16).padStart(8, "0");
      expect(native.digest().hex).toBe(judge);
      const wasm = await wasmEngine("crc32");
      wasm.update(input);
      expect(Buffer.from(wasm.digest()).toString("hex")).toBe(judge);
    }),
  );
  expect(engine.name).toBe("hash-wasm");
});

test("says which engine computes", async () => {
  const engines: Record<string, string[]> = {};
  for (const algorithm of Object.keys(ALGORITHMS) as Algorithm[]) {
    engines[algorithm] = [
      (await createHasher(algorithm)).engine,
      (await createHasher(algorithm, { resumable: true })).engine,
    ];
  }
  expect(engines).toEqual({
    md5: ["node:crypto", "hash-wasm"],
    sha1: ["node:crypto", "hash-wasm"],
    sha256: ["node:crypto", "hash-wasm"],
    sha512: ["node:crypto", "hash-wasm"],
    blake3: ["hash-wasm", "hash-wasm"],
    crc32: ["node:zlib", "node:zlib"],
    crc32c: ["hash-wasm", "hash-wasm"],
    crc64nvme: ["hash-wasm", "hash-wasm"],
    xxh64: ["hash-wasm", "hash-wasm"],
  });
});

test("the release that states are bound to is the one that is installed and pinned", () => {
  const installed = createRequire(import.meta.url)("hash-wasm/package.json") as { version: string };
  expect([HASH_WASM_VERSION, manifest.dependencies["hash-wasm"]]).toEqual([installed.version, installed.version]);
});

test("a state moves between the engines of a CRC", async () => {
  const native = await createHasher("crc32", { resumable: true });
  native.update(Buffer.from("12345"));
  const { state } = native.save();
  const wasm = await wasmEngine("crc32");
  wasm.update(Buffer.from("12345"));
  expect(Buffer.from(wasm.save?.() ?? []).toString("base64")).toBe(state);
});
