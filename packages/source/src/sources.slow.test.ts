import { expect, test } from "vitest";
import { blobSource } from "./blob-source.ts";
import { bytesSource } from "./bytes-source.ts";
import { sourceLaws } from "./source-laws.ts";
import { streamSource } from "./stream-source.ts";

/** Cuts the bytes into chunks of 1, 2, 3 … bytes. */
function* growing(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0, size = 1; start < bytes.byteLength; start += size, size += 1) {
    yield bytes.subarray(start, start + size);
  }
}

const kinds = [
  { kind: "bytesSource", create: bytesSource, runs: 8_000 },
  { kind: "blobSource", create: (bytes: Uint8Array<ArrayBuffer>) => blobSource(new Blob([bytes])), runs: 3_000 },
  { kind: "streamSource", create: (bytes: Uint8Array) => streamSource(growing(bytes)), runs: 2_000 },
];
const laws = kinds.flatMap(({ kind, create, runs }) =>
  sourceLaws({ create, runs }).map(({ name, check }) => [kind, name, check, runs] as const),
);

test.each(laws)("%s %s", { timeout: 600_000 }, (_, __, check) => check());

test("the laws are checked with 100,000 generated cases", () => {
  expect(laws.reduce((sum, [, , , runs]) => sum + runs, 0)).toBeGreaterThanOrEqual(100_000);
});
