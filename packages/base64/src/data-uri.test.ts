import { adopt, collectBytes } from "@sluice/streams";
import * as ponyfill from "@sluice/streams/ponyfill";
import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { dataUri, dataUriLength, parseDataUri } from "./index.ts";

const sourceOf = (bytes: Uint8Array, type?: string) => ({ stream: () => adopt([bytes]), type });

describe("dataUri", () => {
  test("writes what parseDataUri reads, at the length foretold", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array(),
        fc.constantFrom("image/png", "text/plain;charset=utf-8"),
        async (bytes, type) => {
          const uri = (await Array.fromAsync(dataUri(sourceOf(bytes, type), { output: "text" }))).join("");
          expect(parseDataUri(uri)).toEqual({ type, bytes: Uint8Array.from(bytes) });
          expect(uri.length).toBe(dataUriLength(bytes.length, type));
        },
      ),
    );
  });

  test("writes the media type even of nothing", async () => {
    expect(await new Response(dataUri(new Blob([], { type: "image/png" }))).text()).toBe("data:image/png;base64,");
  });

  test.each([
    [undefined, undefined, "application/octet-stream"],
    ["", undefined, "application/octet-stream"],
    ["image/png", undefined, "image/png"],
    ["image/png", "image/webp", "image/webp"],
    ["text/plain; charset=utf-8", undefined, "text/plain;charset=utf-8"],
  ])("of a source of type %j, asked for %j, says %j", async (own, asked, type) => {
    const stream = dataUri(sourceOf(Uint8Array.of(102), own), { type: asked });
    expect(await new Response(stream).text()).toBe(`data:${type};base64,Zg==`);
    expect(dataUriLength(1, asked ?? own)).toBe(`data:${type};base64,Zg==`.length);
  });

  test("takes a source of native streams under other constructors, and the other way round", async () => {
    const bytes = Uint8Array.of(102);
    const foreign = { stream: () => adopt([bytes], ponyfill) };
    for (const [source, streams] of [
      [sourceOf(bytes), ponyfill],
      [foreign, globalThis],
    ] as const) {
      const stream = dataUri(source, { streams, output: "text" });
      expect(stream).toBeInstanceOf(streams.ReadableStream);
      expect((await Array.fromAsync(adopt(stream))).join("")).toBe("data:application/octet-stream;base64,Zg==");
    }
  });

  test("emits bytes by default, and its type says so", () => {
    const source = sourceOf(new Uint8Array(0));
    expectTypeOf(dataUri(source)).toEqualTypeOf<ReadableStream<Uint8Array<ArrayBuffer>>>();
    expectTypeOf(dataUri(source, { output: "text" })).toEqualTypeOf<ReadableStream<string>>();
  });

  test("passes on what the source fails with", async () => {
    const failure = new Error("source");
    const stream = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(failure) });
    await expect(collectBytes(dataUri({ stream: () => stream }))).rejects.toBe(failure);
  });

  test.each(["text", "a,b/c", "text/plain;x=#", "text/pl\u00e4in", "text/plain\r\nx: y", "/", 7])(
    "refuses the media type %j",
    (type) => {
      const message =
        'Cannot write a data URI: "type" must be a media type of visible ASCII without "," and "#", received ';
      expect(() => dataUri(sourceOf(new Uint8Array(0)), { type: type as string })).toThrow(message);
      expect(() => dataUriLength(0, type as string)).toThrow(message);
    },
  );

  test.each([null, undefined, "path", {}])("refuses the source %j", (source) => {
    expect(() => dataUri(source as never)).toThrow('Cannot write a data URI: "source" must have a stream method');
  });
});
