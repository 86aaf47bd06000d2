import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Base64Sink } from "./base64-sink.ts";
import type { ByteSink, Stored } from "./byte-sink.ts";

/** Keeps copies, and asks to be awaited now and then. */
function memory(): ByteSink & { bytes(): Buffer } {
  const chunks: Buffer[] = [];
  const stored: Stored = { size: 0, digests: undefined, path: undefined };
  return {
    write(chunk) {
      chunks.push(Buffer.from(chunk));
      return chunks.length % 2 === 0 ? Promise.resolve() : undefined;
    },
    finish: () => Promise.resolve(stored),
    abort() {},
    bytes: () => Buffer.concat(chunks),
  };
}

/** Writes a text in pieces of these sizes. */
async function decode(text: string, sizes: readonly number[], skip = 0): Promise<Buffer> {
  const to = memory();
  const sink = new Base64Sink(to, skip);
  for (let at = 0, index = 0; at < text.length; index += 1) {
    const size = sizes[index % sizes.length] ?? text.length;
    await sink.write(Buffer.from(text.slice(at, at + size)));
    at += size;
  }
  await sink.finish();
  return to.bytes();
}

describe("Base64Sink", () => {
  test("decodes what Buffer decodes, however it is split, padded or not", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 0, max: 5 }),
        fc.boolean(),
        fc.boolean(),
        async (bytes, sizes, skip, padded, forUrls) => {
          const plain = Buffer.from(bytes).toString("base64");
          const text = forUrls ? plain.replaceAll("+", "-").replaceAll("/", "_") : plain;
          const written = "#".repeat(skip) + (padded ? text : text.replace(/=+$/, ""));
          expect((await decode(written, sizes, skip)).equals(Buffer.from(bytes))).toBe(true);
        },
      ),
    );
  });

  test("decodes more than a block at once", async () => {
    const bytes = Buffer.from(Array.from({ length: 200_001 }, (_, index) => (index * 7) % 251));
    expect((await decode(bytes.toString("base64"), [150_001])).equals(bytes)).toBe(true);
  });

  test.each(["A", "AAAA=", "AA=A", "AAA!", "AA==AAAA", "AA==AA", "=", "AA A", "AA==A", "====", "YWJj\u00e9AAA"])(
    "refuses %s",
    async (text) => {
      for (const sizes of [[1], [2], [100]]) {
        await expect(decode(text, sizes)).rejects.toMatchObject({ status: 400 });
      }
    },
  );
});
