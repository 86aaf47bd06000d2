import { bytesSource, streamSource } from "@sluice/source";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Body } from "./body.ts";
import { type FormValue, multipartBody } from "./multipart-body.ts";

const encoder = new TextEncoder();

function parse(body: Body): Promise<FormData> {
  const headers = { "content-type": String(body.type) };
  return new Response(body.stream(), { headers }).formData();
}

/** Firefox's parser takes blanks off a name's ends. */
const names = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
  .filter((name) => !/%0[AD]|%22/.test(name) && name.trim() === name);
/** Chromium's, Bun's and workerd's parsers leave a name escaped. */
const unescaped = (name: string) => name.replaceAll("%22", '"').replaceAll("%0D", "\r").replaceAll("%0A", "\n");
const texts = fc.string({ unit: "grapheme-composite", maxLength: 60 }).filter((text) => text.isWellFormed());

describe("multipartBody", () => {
  test("is what the platform's parser reads, and as long as it says", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(names, texts), { maxLength: 4 }),
        fc.array(fc.tuple(names, names, fc.uint8Array({ maxLength: 300 })), { maxLength: 3 }),
        async (fields, files) => {
          const entries: (readonly [string, FormValue])[] = [
            ...files.map(([name, fileName, bytes]) => [name, bytesSource(bytes, { name: fileName })] as const),
            ...fields,
          ];
          const body = multipartBody(entries);
          const bytes = await new Response(body.stream()).bytes();
          expect(bytes.byteLength).toBe(body.size);
          const form = await parse(body);
          const read = await Promise.all(
            [...form].map(async ([name, value]) =>
              typeof value === "string"
                ? [unescaped(name), value]
                : [unescaped(name), unescaped(value.name), [...(await value.bytes())]],
            ),
          );
          expect(read).toEqual([
            ...fields,
            ...files.map(([name, fileName, content]) => [name, fileName, [...content]]),
          ]);
        },
      ),
    ));

  test.each([
    ['a"; filename="evil.exe', "%22; filename=%22evil.exe"],
    ["a\r\nX-Evil: 1", "%0D%0AX-Evil: 1"],
    ["a\n\n<script>", "%0A%0A<script>"],
  ])("keeps the name %j where it belongs", async (name, escaped) => {
    const source = bytesSource(encoder.encode("x"), { name });
    const body = multipartBody([
      [name, "text"],
      [name, source],
    ]);
    const text = await new Response(body.stream()).text();
    const lines = text.split("\r\n");
    expect(lines.filter((line) => line.startsWith("X-Evil"))).toEqual([]);
    expect(text.split(`name="a${escaped}"`).length).toBe(4);
  });

  test("does not let a media type break out of its header", async () => {
    const source = bytesSource(encoder.encode("x"));
    const body = multipartBody({ data: { source, type: "text/plain\r\nX-Evil: 1" } });
    const text = await new Response(body.stream()).text();
    expect(text).toContain("\r\nContent-Type: application/octet-stream\r\n");
    expect(text).not.toContain("X-Evil");
  });

  test("puts texts before files, keeps the order within each, and leaves out what is undefined", async () => {
    const body = multipartBody({
      first: bytesSource(encoder.encode("1"), { name: "1.txt" }),
      a: "x",
      none: undefined,
      second: [bytesSource(encoder.encode("2")), bytesSource(encoder.encode("3"))],
      b: [1, true],
    });
    const form = await parse(body);
    expect([...form.keys()]).toEqual(["a", "b", "b", "first", "second", "second"]);
    expect(form.getAll("b")).toEqual(["1", "true"]);
    expect((form.get("second") as File).name).toBe("blob");
  });

  test("has no size where a source has none, and is as replayable as its sources", () => {
    const stream = streamSource(new ReadableStream<Uint8Array<ArrayBuffer>>());
    expect(multipartBody({ data: stream })).toMatchObject({ size: undefined, replayable: false });
    expect(multipartBody({ data: bytesSource(encoder.encode("x")) })).toMatchObject({ replayable: true });
    expect(multipartBody({ a: "b" }).type).toMatch(/^multipart\/form-data; boundary=sluice-[\da-f-]{36}$/);
    expect(multipartBody({}).type).not.toBe(multipartBody({}).type);
  });

  test.each([
    ["a string", "x"],
    ["null", null],
    ["undefined", undefined],
  ])("refuses %s for fields", (_, fields) => {
    expect(() => multipartBody(fields as never)).toThrow(TypeError);
  });

  test("refuses a value of another kind, naming its field", () => {
    expect(() => multipartBody({ data: new Uint8Array(3) as never })).toThrow(
      'Cannot make a form: the value of "data" must be a text, a number, a boolean, a ByteSource or { source }, received an Uint8Array',
    );
  });
});
