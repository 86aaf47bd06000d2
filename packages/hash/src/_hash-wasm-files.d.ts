// biome-ignore-all lint/style/noDefaultExport: what a CommonJS file is imported as
// hash-wasm's single entry holds all 22 of its algorithms, 216 kB. Its files for one algorithm each have no types.
declare module "hash-wasm/dist/md5.umd.min.js" {
  const algorithm: Pick<typeof import("hash-wasm"), "createMD5">;
  export default algorithm;
}
declare module "hash-wasm/dist/sha1.umd.min.js" {
  const algorithm: Pick<typeof import("hash-wasm"), "createSHA1">;
  export default algorithm;
}
declare module "hash-wasm/dist/sha256.umd.min.js" {
  const algorithm: Pick<typeof import("hash-wasm"), "createSHA256">;
  export default algorithm;
}
declare module "hash-wasm/dist/sha512.umd.min.js" {
  const algorithm: Pick<typeof import("hash-wasm"), "createSHA512">;
  export default algorithm;
}
declare module "hash-wasm/dist/blake3.umd.min.js" {
  const algorithm: Pick<typeof import("hash-wasm"), "createBLAKE3">;
  export default algorithm;
}
declare module "hash-wasm/dist/crc32.umd.min.js" {
  const algorithm: Pick<typeof import("hash-wasm"), "createCRC32">;
  export default algorithm;
}
declare module "hash-wasm/dist/crc64.umd.min.js" {
  const algorithm: Pick<typeof import("hash-wasm"), "createCRC64">;
  export default algorithm;
}
declare module "hash-wasm/dist/xxhash64.umd.min.js" {
  const algorithm: Pick<typeof import("hash-wasm"), "createXXHash64">;
  export default algorithm;
}
