import type { WasmHasher } from "./_wasm-hasher.ts";
import type { Algorithm } from "./algorithm.ts";

/**
 * hash-wasm's hashers as its own code makes them, which compiles what lies in it as base64. One import each, of 7 to
 * 24 kB, so that nothing is loaded but what is used.
 */
export const WASM_HASHERS: Record<Algorithm, () => Promise<WasmHasher>> = {
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
