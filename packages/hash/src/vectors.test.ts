import { expect, test } from "vitest";
import blake3 from "../testdata/blake3.json" with { type: "json" };
import crcCatalogue from "../testdata/crc-catalogue.json" with { type: "json" };
import fips180 from "../testdata/fips-180-sha.json" with { type: "json" };
import nistCavs from "../testdata/nist-cavs-sha.json" with { type: "json" };
import nvme from "../testdata/nvme-crc64.json" with { type: "json" };
import rfc1321 from "../testdata/rfc-1321-md5.json" with { type: "json" };
import rfc3720 from "../testdata/rfc-3720-crc32c.json" with { type: "json" };
import xxh64 from "../testdata/xxh64.json" with { type: "json" };
import { type Algorithm, createHasher, hashSource } from "./index.ts";

interface Vector {
  readonly algorithm: string;
  readonly hex?: string;
  readonly text?: string;
  readonly cycle?: number;
  readonly times?: number;
  readonly digest: string;
}

const files = [blake3, crcCatalogue, fips180, nistCavs, nvme, rfc1321, rfc3720, xxh64];
const vectors = files.flatMap(({ origin, vectors }) =>
  (vectors as readonly Vector[]).map((vector, index) => [`${vector.algorithm}, ${origin}, ${index}`, vector] as const),
);

function messageOf({ hex, text, cycle, times = 1 }: Vector): Uint8Array<ArrayBuffer> {
  if (cycle !== undefined) return Uint8Array.from({ length: cycle }, (_, index) => index % 251);
  if (text !== undefined) return new TextEncoder().encode(text.repeat(times));
  return Uint8Array.from((hex ?? "").repeat(times).match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

test.each(vectors)("%s", async (_, vector) => {
  const message = messageOf(vector);
  const algorithm = vector.algorithm as Algorithm;
  for (const resumable of [false, true]) {
    const hasher = await createHasher(algorithm, { resumable });
    hasher.update(message);
    expect(hasher.digest().hex).toBe(vector.digest);
  }
  const bytewise = await createHasher(algorithm);
  for (const byte of message.subarray(0, 8192)) bytewise.update(Uint8Array.of(byte));
  bytewise.update(message.subarray(8192));
  expect(bytewise.digest().hex).toBe(vector.digest);
  const digests = await hashSource({ stream: () => new Blob([message]).stream() }, algorithm);
  expect(digests[algorithm].hex).toBe(vector.digest);
});

test("every algorithm has vectors", () => {
  const judged = new Set(vectors.map(([, { algorithm }]) => algorithm));
  expect([...judged].sort()).toEqual(
    ["blake3", "crc32", "crc32c", "crc64nvme", "md5", "sha1", "sha256", "sha512", "xxh64"].sort(),
  );
});
