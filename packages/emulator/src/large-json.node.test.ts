import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Exchange } from "./exchange.ts";
import { IncomingBody } from "./incoming-body.ts";
import { LongString, readLargeJson, type TextSink } from "./large-json.ts";

/** Keeps the text, and asks to be awaited now and then. */
function memorySink(): TextSink<string> & { aborted: boolean } {
  const chunks: Buffer[] = [];
  return {
    aborted: false,
    write(text) {
      chunks.push(Buffer.from(text));
      return chunks.length % 3 === 0 ? Promise.resolve() : undefined;
    },
    finish: async () => Buffer.concat(chunks).toString(),
    abort() {
      this.aborted = true;
    },
  };
}

/** Reads a text that comes in pieces of these sizes. */
function read(text: string, sizes: readonly number[], sink: () => TextSink<string> | undefined, limit = 1_000_000) {
  const bytes = Buffer.from(text);
  const pieces: Buffer[] = [];
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? bytes.length;
    pieces.push(Buffer.from(bytes.subarray(at, at + size)));
    at += size;
  }
  const request = Object.assign(Readable.from(pieces, { objectMode: false }), { headers: {} });
  const body = new IncomingBody(
    request as never,
    {},
    () => {},
    () => {},
  );
  return readLargeJson({ body } as unknown as Exchange, { sinkFor: sink, limit });
}

/** The value with every long string resolved. */
function resolved(value: unknown): unknown {
  if (value instanceof LongString) return value.result;
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolved(item)]));
}

const odd = 'quote " back \\ slash / line \n tab \t é 文 \u{1f600} ';
const values: readonly unknown[] = [
  { a: "x".repeat(70_000), b: [odd.repeat(3000), "short"], c: { [odd]: null } },
  [odd.repeat(5000), 1, true, { "": "y".repeat(65_537) }],
  "z".repeat(200_000),
];

describe("readLargeJson", () => {
  test("is JSON.parse, however the bytes are split and strings are escaped", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: values.length - 1 }),
        fc.array(fc.integer({ min: 20, max: 70_000 }), { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        async (index, sizes, ascii) => {
          const value = values[index];
          const json = JSON.stringify(value);
          const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
          const text = ascii ? json.replaceAll(/[^ -~]/g, escaped) : json;
          // A lone half of a pair has no UTF-8: escapes of pairs are for text that is kept.
          const sink = ascii ? () => undefined : memorySink;
          // Not toEqual: a difference of megabytes is nothing to print.
          expect(JSON.stringify(resolved(await read(text, sizes, sink))) === json).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("one byte at a time", async () => {
    const value = { a: `${"x".repeat(66_000)}\\"/`, b: odd };
    const text = JSON.stringify(value).replaceAll("/", "\\/");
    expect(resolved(await read(text, [1], memorySink))).toEqual(value);
  });

  test("resolves escapes by code in what goes to a sink", async () => {
    const value = `${"x".repeat(66_000)}é文`.repeat(2);
    const escaped = JSON.stringify(value).replaceAll("é", "\\u00e9").replaceAll("文", "\\u6587");
    expect(resolved(await read(escaped, [1, 70_000, 2], memorySink))).toBe(value);
  });

  test("refuses what is no JSON, and lets go of what was written", async () => {
    for (const rest of ["", '"', '"}}', "\\x"]) {
      const sink = memorySink();
      const reading = read(`{"a":"${"x".repeat(70_000)}${rest}`, [1000], () => sink);
      await expect(reading).rejects.toMatchObject({ name: "RequestRefused", status: 400 });
      expect(sink.aborted).toBe(true);
    }
  });

  test("bounds what is not in a sink", async () => {
    const reading = read(JSON.stringify({ a: "x".repeat(100_000) }), [1000], () => undefined, 90_000);
    await expect(reading).rejects.toMatchObject({ status: 413 });
  });
});
