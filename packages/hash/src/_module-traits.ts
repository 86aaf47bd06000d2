import type { Algorithm } from "./algorithm.ts";

/** What is to be known of the module of an algorithm, among those of hash-wasm's. */
export interface ModuleTraits {
  /** Its file, in hash-wasm and in ours. */
  readonly file: string;
  /** The start of its SHA-1, which states begin with: they are of this build alone. The build of this package checks it. */
  readonly build: string;
  /** What `Hash_Init` is given … */
  readonly start?: number;
  /** … or finds in the buffer. */
  readonly prelude?: bigint;
  /** What `Hash_Final` is given. */
  readonly end?: number;
}

/** Variants, polynomials, seeds and lengths are those that `_compiled-hashers.ts` gets by hash-wasm's own functions. */
export const MODULE_TRAITS: Readonly<Record<Algorithm, ModuleTraits>> = {
  md5: { file: "md5", build: "dc3031df" },
  sha1: { file: "sha1", build: "a5f2c72b" },
  sha256: { file: "sha256", build: "8ed695a3", start: 256 },
  sha512: { file: "sha512", build: "922e1bd0", start: 512 },
  blake3: { file: "blake3", build: "558f85b5", end: 32 },
  crc32: { file: "crc32", build: "e5d47522", start: 0xedb88320 },
  crc32c: { file: "crc32", build: "e5d47522", start: 0x82f63b78 },
  crc64nvme: { file: "crc64", build: "c112163d", prelude: 0x9a6c9329ac4bc9b5n },
  xxh64: { file: "xxhash64", build: "09c6be90", prelude: 0n },
};
