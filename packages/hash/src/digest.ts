import { toBase64, toHex } from "./_text.ts";

/** What an algorithm made of the bytes, in the notations that servers ask for. Checksums are big-endian. */
export interface Digest {
  /** The algorithm's name, or that of the hasher that was passed. */
  readonly algorithm: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Lower-case hexadecimal. */
  readonly hex: string;
  /** As `Content-MD5` and `x-amz-checksum-…` have it. */
  readonly base64: string;
}

/** One digest for each algorithm, by name. */
export type Digests<Name extends string = string> = { readonly [K in Name]: Digest };

/** @param bytes Memory that nobody else uses. */
export function createDigest(algorithm: string, bytes: Uint8Array<ArrayBuffer>): Digest {
  return Object.freeze({ algorithm, bytes, hex: toHex(bytes), base64: toBase64(bytes) });
}
