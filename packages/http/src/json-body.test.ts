import { bytesSource, streamSource } from "@sluice/source";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Body } from "./body.ts";
import { asBase64, asDataUri } from "./encoded-source.ts";
import { jsonBody } from "./json-body.ts";

function textOf(body: Body): Promise<string> {
  return new Response(body.stream()).text();
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

describe("jsonBody", () => {
  test("is what JSON.stringify makes of it, sources anywhere in it as base64 or data URIs", () =>
    fc.assert(
      fc.asyncProperty(
        fc.jsonValue(),
        fc.array(fc.tuple(fc.uint8Array({ maxLength: 100 }), fc.constantFrom("bare", "base64", "uri")), {
          maxLength: 4,
        }),
        async (plain, sources) => {
          const value = {
            plain,
            list: sources.map(([bytes, form]) => {
              const source = bytesSource(bytes, { type: "image/png" });
              return { in: form === "uri" ? asDataUri(source) : form === "base64" ? asBase64(source) : source };
            }),
          };
          const expected = {
            plain,
            list: sources.map(([bytes, form]) => ({
              in: `${form === "uri" ? "data:image/png;base64," : ""}${base64(bytes)}`,
            })),
          };
          const body = jsonBody(value);
          const text = await textOf(body);
          expect(text).toBe(JSON.stringify(expected));
          expect(new TextEncoder().encode(text).byteLength).toBe(body.size);
        },
      ),
    ));

  test("knows the size of a file of 4 GiB before it is read", () => {
    const source = Object.create(bytesSource(new Uint8Array(0)), { size: { value: 4 * 1024 ** 3 } });
    expect(jsonBody({ file: source }).size).toBe('{"file":""}'.length + Math.ceil((4 * 1024 ** 3) / 3) * 4);
  });

  test("opens no file that a string names", async () => {
    expect(await textOf(jsonBody({ prompt: "/etc/passwd", file: "file:///etc/hosts" }))).toBe(
      '{"prompt":"/etc/passwd","file":"file:///etc/hosts"}',
    );
  });

  test("has no size, and can be sent once, with a stream in it", () => {
    const stream = streamSource(new ReadableStream<Uint8Array<ArrayBuffer>>());
    expect(jsonBody({ stream })).toMatchObject({ size: undefined, replayable: false, type: "application/json" });
  });

  test.each([
    ["an Uint8Array", { a: { b: new Uint8Array(2) } }],
    ["an ArrayBuffer", { a: { b: new ArrayBuffer(2) } }],
    ["a Blob", { a: { b: new Blob([]) } }],
    ["a ReadableStream", { a: { b: new ReadableStream() } }],
  ])("refuses %s, which would become something else", (kind, value) => {
    expect(() => jsonBody(value)).toThrow(TypeError);
    expect(() => jsonBody(value)).toThrow(`"b" is ${kind}`);
  });

  test("refuses what there is no JSON of", () => {
    expect(() => jsonBody(undefined)).toThrow("Cannot make a body of JSON: undefined has none");
    expect(() => jsonBody(() => {})).toThrow(TypeError);
  });

  test("asBase64() and asDataUri() refuse what is no source", () => {
    expect(() => asBase64("/etc/passwd" as never)).toThrow('"source" must be a ByteSource, received a string');
    expect(() => asDataUri(new Blob([]) as never)).toThrow(TypeError);
  });
});
