import type { Engine } from "./_engine.ts";
import { toHex } from "./_text.ts";
import { ALGORITHMS, type Algorithm } from "./algorithm.ts";

/** The release that package.json pins; a test compares the two. */
export const HASH_WASM_VERSION = "4.13.0";
/** What hash-wasm puts before a state: the start of a hash of its WebAssembly. */
const BUILD_LENGTH = 4;

interface WasmHasher {
  init(): unknown;
  update(bytes: Uint8Array): unknown;
  digest(output: "binary"): Uint8Array;
  save(): Uint8Array;
  load(state: Uint8Array): unknown;
}

/** One import each, of 7 to 24 kB, so that nothing is loaded but what is used. */
const CREATE: Record<Algorithm, () => Promise<WasmHasher>> = {
  md5: async () => (await import("hash-wasm/dist/md5.umd.min.js")).default.createMD5(),
  sha1: async () => (await import("hash-wasm/dist/sha1.umd.min.js")).default.createSHA1(),
  sha256: async () => (await import("hash-wasm/dist/sha256.umd.min.js")).default.createSHA256(),
  sha512: async () => (await import("hash-wasm/dist/sha512.umd.min.js")).default.createSHA512(),
  blake3: async () => (await import("hash-wasm/dist/blake3.umd.min.js")).default.createBLAKE3(),
  crc32: async () => (await import("hash-wasm/dist/crc32.umd.min.js")).default.createCRC32(),
  crc32c: async () => (await import("hash-wasm/dist/crc32.umd.min.js")).default.createCRC32(0x82f63b78),
  crc64nvme: async () => (await import("hash-wasm/dist/crc64.umd.min.js")).default.createCRC64("9a6c9329ac4bc9b5"),
  xxh64: async () => (await import("hash-wasm/dist/xxhash64.umd.min.js")).default.createXXHash64(),
};

/** @throws Error where WebAssembly may not be compiled at run time: workerd, and pages whose policy forbids it. */
export async function wasmEngine(algorithm: Algorithm): Promise<Engine> {
  let hasher: WasmHasher;
  try {
    hasher = await CREATE[algorithm]();
  } catch (cause) {
    throw new Error(
      `Cannot compute ${algorithm}: hash-wasm could not be loaded, or this runtime forbids to compile WebAssembly`,
      { cause },
    );
  }
  const engine: Engine = {
    name: "hash-wasm",
    version: `${HASH_WASM_VERSION}+${toHex(hasher.save().subarray(0, BUILD_LENGTH))}`,
    update: (bytes) => void hasher.update(bytes),
    digest: () => new Uint8Array(hasher.digest("binary")),
  };
  if (!ALGORITHMS[algorithm].polynomial) {
    return { ...engine, save: () => hasher.save(), load: (state) => void hasher.load(state) };
  }
  return {
    ...engine,
    save() {
      // A CRC's value shows only at its end, which hash-wasm can take back within one instance.
      const state = hasher.save();
      const value = hasher.digest("binary");
      hasher.load(state);
      return value;
    },
  };
}
