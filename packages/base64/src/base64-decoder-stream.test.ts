import { adopt, codecStream, collectBytes, fuse } from "@sluice/streams";
import { stageLaws } from "@sluice/streams/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  Base64DecoderStream,
  type Base64DecoderStreamOptions,
  base64DecoderCodec,
  base64EncoderCodec,
  encodeBase64,
} from "./index.ts";

const plain = fc.uint8Array({ maxLength: 3000 });
const written = (format: object) => plain.map((bytes) => new TextEncoder().encode(encodeBase64(bytes, format)));
const decoded = (input: Uint8Array) =>
  Uint8Array.from(atob(new TextDecoder().decode(input)), (character) => character.charCodeAt(0));

describe.each<[Base64DecoderStreamOptions, object]>([
  [{}, {}],
  [{ mode: "forgiving" }, { padding: false, lineLength: 76 }],
  [{ mode: "mime" }, { lineLength: 64, lineEnding: "\n" }],
])("Base64DecoderStream with %j", (options, format) => {
  const laws = stageLaws({
    create: (streams) =>
      // The law on acceptance feeds zeros, which are no base64 to the other modes.
      new Base64DecoderStream({ ...options, ...streams }),
    expected: decoded,
    inputs: written(format),
  }).filter(({ name }) => options.mode === "mime" || !name.startsWith("accepts"));
  test.each(laws.map(({ name, check }) => [name, check] as const))("%s", (_, check) => check());
});

describe("Base64DecoderStream", () => {
  test("takes bytes and text in one stream", async () => {
    const chunks = ["Zm", new TextEncoder().encode("9vY"), "mFy"];
    const stream = adopt(chunks).pipeThrough(new Base64DecoderStream());
    expect(await new Response(stream).text()).toBe("foobar");
  });

  test("errors both sides with the fault", async () => {
    const { readable, writable } = new Base64DecoderStream();
    const writer = writable.getWriter();
    const reader = readable.getReader();
    const fault = { code: "malformed-base64", offset: 5 };
    const write = writer
      .write("Zm9v")
      .then(() => writer.write("Y!=="))
      .catch((reason) => reason);
    await expect(
      (async () => {
        while (!(await reader.read()).done);
      })(),
    ).rejects.toMatchObject(fault);
    expect(await write).toMatchObject(fault);
    await expect(writer.closed).rejects.toMatchObject(fault);
  });

  test("errors at the end when something is missing", async () => {
    const stream = adopt(["Zm9vYg"]).pipeThrough(new Base64DecoderStream());
    await expect(collectBytes(stream)).rejects.toMatchObject({ code: "malformed-base64", offset: 6 });
  });

  test("has a codec that undoes the encoder's when the two are fused", async () => {
    const stage = codecStream(fuse(base64EncoderCodec(), base64DecoderCodec()));
    const chunks = [Uint8Array.of(1, 2), Uint8Array.of(3, 4, 5)];
    const output = await Array.fromAsync(adopt(chunks).pipeThrough(stage));
    expect(output.flatMap((chunk) => [...chunk])).toEqual([1, 2, 3, 4, 5]);
  });

  test("refuses options at construction", () => {
    expect(() => new Base64DecoderStream({ mode: "lax" as never })).toThrow(
      new RangeError(
        'Cannot construct Base64DecoderStream: "mode" must be "strict" or "forgiving" or "mime", received "lax"',
      ),
    );
  });
});
