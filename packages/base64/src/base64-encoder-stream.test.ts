import { adopt } from "@sluice/streams";
import { stageLaws } from "@sluice/streams/testing";
import { describe, expect, expectTypeOf, test } from "vitest";
import { Base64EncoderStream, type Base64EncoderStreamOptions } from "./index.ts";

const btoaOf = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));

describe.each<[Base64EncoderStreamOptions, (text: string) => string | Uint8Array]>([
  [{}, (text) => new TextEncoder().encode(text)],
  [{ output: "text" }, (text) => text],
  [
    { alphabet: "base64url", output: "text" },
    (text) => text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""),
  ],
  [{ lineLength: 76 }, (text) => new TextEncoder().encode(text.match(/.{1,76}/g)?.join("\r\n") ?? "")],
])("Base64EncoderStream with %j", (options, written) => {
  const laws = stageLaws({
    create: (streams) => new Base64EncoderStream({ ...options, ...streams }),
    expected: (input) => written(btoaOf(input)),
  });
  test.each(laws.map(({ name, check }) => [name, check] as const))("%s", (_, check) => check());
});

describe("Base64EncoderStream", () => {
  test("emits bytes by default, text when asked to, and its type says so", async () => {
    const bytes = new Base64EncoderStream();
    const text = new Base64EncoderStream({ output: "text" });
    expectTypeOf(bytes.readable).toEqualTypeOf<ReadableStream<Uint8Array<ArrayBuffer>>>();
    expectTypeOf(text.readable).toEqualTypeOf<ReadableStream<string>>();
    expect(await new Response(adopt([Uint8Array.of(102)]).pipeThrough(bytes)).text()).toBe("Zg==");
    expect(await Array.fromAsync(adopt([Uint8Array.of(102)]).pipeThrough(text))).toEqual(["Zg=="]);
  });

  test("refuses options at construction", () => {
    expect(() => new Base64EncoderStream({ lineLength: -1 })).toThrow(
      new RangeError('Cannot construct Base64EncoderStream: "lineLength" must be a positive integer, received -1'),
    );
  });
});
