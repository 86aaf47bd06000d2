import type { Polynomial } from "./_polynomial.ts";

/** The digests and checksums that this package computes itself. */
export type Algorithm = "md5" | "sha1" | "sha256" | "sha512" | "blake3" | "crc32" | "crc32c" | "crc64nvme" | "xxh64";

export interface AlgorithmTraits {
  /** Bytes of a digest. */
  readonly length: number;
  /** What else determines the digest; part of a saved state. */
  readonly parameters: string;
  /** Of a CRC. */
  readonly polynomial?: Polynomial;
}

export const ALGORITHMS: Readonly<Record<Algorithm, AlgorithmTraits>> = {
  md5: { length: 16, parameters: "" },
  sha1: { length: 20, parameters: "" },
  sha256: { length: 32, parameters: "" },
  sha512: { length: 64, parameters: "" },
  blake3: { length: 32, parameters: "" },
  crc32: crc(32, 0, 0xedb88320),
  crc32c: crc(32, 0, 0x82f63b78),
  crc64nvme: crc(64, 0x9a6c9329, 0xac4bc9b5),
  xxh64: { length: 8, parameters: "seed=0" },
};

/** Whether `name` is one of ours; an own property, so that "constructor" is none. */
export function isAlgorithm(name: unknown): name is Algorithm {
  return typeof name === "string" && Object.hasOwn(ALGORITHMS, name);
}

/** @throws {TypeError} for what is no string. {RangeError} for a name that is not ours. */
export function assertAlgorithm(action: string, name: unknown): asserts name is Algorithm {
  if (isAlgorithm(name)) return;
  const known = Object.keys(ALGORITHMS).join(", ");
  if (typeof name !== "string") {
    throw new TypeError(
      `Cannot ${action}: "algorithm" must be one of ${known}, received ${name === null ? "null" : typeof name}`,
    );
  }
  throw new RangeError(`Cannot ${action}: "algorithm" must be one of ${known}, received ${JSON.stringify(name)}`);
}

function crc(width: 32 | 64, high: number, low: number): AlgorithmTraits {
  const hex = [high, low].map((word) => word.toString(16).padStart(8, "0")).join("");
  return {
    length: width / 8,
    parameters: `polynomial=${hex.slice(-width / 4)}`,
    polynomial: { width, high, low, powers: [] },
  };
}
