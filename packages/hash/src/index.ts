export type { Algorithm } from "./algorithm.ts";
export { type CrcAlgorithm, combineCrc } from "./combine-crc.ts";
export type { CustomHasher, HashAlgorithms } from "./custom-hasher.ts";
export type { Digest, Digests } from "./digest.ts";
export { DigestMismatchError } from "./digest-mismatch-error.ts";
export {
  type ExpectedDigest,
  type HashCodec,
  type HashCodecOptions,
  type HashResults,
  hashCodec,
} from "./hash-codec.ts";
export { type HashableSource, type HashSourceOptions, hashSource } from "./hash-source.ts";
export type { HashState } from "./hash-state.ts";
export { type HashEvent, HashStream, type HashStreamOptions } from "./hash-stream.ts";
export { createHasher, type Hasher, type HasherOptions } from "./hasher.ts";
export { type StateRefusal, StateRefusedError } from "./state-refused-error.ts";
