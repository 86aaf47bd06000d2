import { moduleHasher } from "./_module-hasher.ts";
import type { WasmHasher } from "./_wasm-hasher.ts";
import type { Algorithm } from "./algorithm.ts";

/**
 * The same hashers where WebAssembly may be imported and not compiled, as in workerd: their modules are taken out of
 * hash-wasm by `extract-wasm.ts` when this package is built.
 */
export const WASM_HASHERS: Record<Algorithm, () => Promise<WasmHasher>> = {
  md5: async () => moduleHasher("md5", await import("./wasm/md5.wasm")),
  sha1: async () => moduleHasher("sha1", await import("./wasm/sha1.wasm")),
  sha256: async () => moduleHasher("sha256", await import("./wasm/sha256.wasm")),
  sha512: async () => moduleHasher("sha512", await import("./wasm/sha512.wasm")),
  blake3: async () => moduleHasher("blake3", await import("./wasm/blake3.wasm")),
  crc32: async () => moduleHasher("crc32", await import("./wasm/crc32.wasm")),
  crc32c: async () => moduleHasher("crc32c", await import("./wasm/crc32.wasm")),
  crc64nvme: async () => moduleHasher("crc64nvme", await import("./wasm/crc64.wasm")),
  xxh64: async () => moduleHasher("xxh64", await import("./wasm/xxhash64.wasm")),
};
