import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bufferEngine } from "./buffer-engine.ts";
import { type Base64EncoderOptions, type Base64Output, createEncoder } from "./encoder.ts";
import type { Engine } from "./engine.ts";
import { type Base64Format, encodedLength } from "./index.ts";
import { tableEngine } from "./table-engine.ts";
import { typedArrayEngine } from "./typed-array-engine.ts";

const engines = Object.entries({
  tables: tableEngine,
  Buffer: bufferEngine(),
  "typed arrays": typedArrayEngine(),
}).filter((entry): entry is [string, Engine] => entry[1] !== undefined);

/** From RFC 4648, section 10. */
const RFC_4648 = [
  ["", ""],
  ["f", "Zg=="],
  ["fo", "Zm8="],
  ["foo", "Zm9v"],
  ["foob", "Zm9vYg=="],
  ["fooba", "Zm9vYmE="],
  ["foobar", "Zm9vYmFy"],
] as const;

function encode<Output extends Base64Output>(
  chunks: readonly Uint8Array[],
  options: Base64EncoderOptions<Output>,
  engine: Engine,
): { text: string; pieces: (string | Uint8Array)[] } {
  const pieces: (string | Uint8Array)[] = [];
  const codec = createEncoder(options, "test", engine);
  for (const chunk of chunks) codec.transform(chunk, (piece) => pieces.push(piece));
  codec.flush?.((piece) => pieces.push(piece));
  const text = pieces.map((piece) => (typeof piece === "string" ? piece : new TextDecoder().decode(piece))).join("");
  return { text, pieces };
}

/** What the platform's `btoa` makes of it. */
function reference(
  bytes: readonly number[],
  { alphabet, padding, lineLength, lineEnding = "\r\n" }: Base64Format,
): string {
  let text = btoa(String.fromCharCode(...bytes));
  if (alphabet === "base64url") text = text.replaceAll("+", "-").replaceAll("/", "_");
  if (!(padding ?? alphabet !== "base64url")) text = text.replace(/=+$/, "");
  return lineLength ? (text.match(new RegExp(`.{1,${lineLength}}`, "g")) ?? []).join(lineEnding) : text;
}

const formats: fc.Arbitrary<Base64Format> = fc.record(
  {
    alphabet: fc.constantFrom("base64", "base64url"),
    padding: fc.boolean(),
    lineLength: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(64, 76, 200_000)),
    lineEnding: fc.constantFrom("\r\n", "\n"),
  },
  { requiredKeys: [] },
);
const splitInput = fc.array(fc.uint8Array({ maxLength: 90 }), { maxLength: 10 });

describe.each(engines)("encoder (%s)", (_, engine) => {
  test.each(RFC_4648)("writes %j as %j", (plain, encoded) => {
    expect(encode([new TextEncoder().encode(plain)], {}, engine).text).toBe(encoded);
  });

  test("writes what btoa writes, in every format and for every split, at the length foretold", () => {
    fc.assert(
      fc.property(splitInput, formats, fc.constantFrom("bytes", "text"), (chunks, format, output) => {
        const bytes = chunks.flatMap((chunk) => [...chunk]);
        const { text } = encode(chunks, { ...format, output }, engine);
        expect(text).toBe(reference(bytes, format));
        expect(text.length).toBe(encodedLength(bytes.length, format));
      }),
    );
  });

  test.each([46_079, 46_080, 46_081, 61_440, 200_000])("writes %i bytes, whole and after a carried byte", (size) => {
    const bytes = Uint8Array.from({ length: size }, (_, index) => (index * 2_654_435_761) >>> 13);
    const whole = encode([bytes], {}, tableEngine).text;
    for (const output of ["bytes", "text"] as const) {
      expect(encode([bytes], { output }, engine).text === whole).toBe(true);
      expect(encode([bytes.subarray(0, 1), bytes.subarray(1)], { output }, engine).text === whole).toBe(true);
    }
  });

  test("emits bytes that fill their memory, and text of at most 64 KiB and a group", () => {
    const chunk = new Uint8Array(200_000);
    for (const piece of encode([chunk, chunk], {}, engine).pieces as Uint8Array[]) {
      expect(piece.buffer.byteLength).toBe(piece.byteLength);
    }
    for (const { length } of encode([chunk, chunk], { output: "text" }, engine).pieces) {
      expect(length).toBeLessThanOrEqual(65_540);
    }
  });

  test("carries the column over, and ends without a line break", () => {
    const chunks = Array.from({ length: 114 }, () => Uint8Array.of(0));
    const { text } = encode(chunks, { lineLength: 76 }, engine);
    expect(text).toBe(`${"A".repeat(76)}\r\n${"A".repeat(76)}`);
  });

  test("carries bytes, not a view", () => {
    const codec = createEncoder({ output: "text" }, "test", engine);
    const chunk = Uint8Array.of(102);
    let text = "";
    const emit = (piece: string) => {
      text += piece;
    };
    codec.transform(chunk, emit);
    chunk.fill(0);
    codec.flush?.(emit);
    expect(text).toBe("Zg==");
  });
});

describe("encoder", () => {
  test.each([
    [{ alphabet: "base32" }, RangeError, '"alphabet" must be "base64" or "base64url", received "base32"'],
    [{ alphabet: 64 }, TypeError, '"alphabet" must be "base64" or "base64url", received number'],
    [{ padding: "yes" }, TypeError, '"padding" must be true or false, received string'],
    [{ lineLength: 0 }, RangeError, '"lineLength" must be a positive integer, received 0'],
    [{ lineLength: 7.5 }, RangeError, '"lineLength" must be a positive integer, received 7.5'],
    [{ lineLength: Number.NaN }, RangeError, '"lineLength" must be a positive integer, received NaN'],
    [{ lineLength: "76" }, TypeError, '"lineLength" must be a positive integer, received string'],
    [{ lineEnding: "\r" }, RangeError, '"lineEnding" must be "\\r\\n" or "\\n", received "\\r"'],
    [{ output: "string" }, RangeError, '"output" must be "bytes" or "text", received "string"'],
  ])("refuses %j", (options, Kind, message) => {
    expect(() => createEncoder(options as object, "test")).toThrow(new Kind(`Cannot test: ${message}`));
  });

  test.each(["text", null, new ArrayBuffer(1)])("refuses a chunk of %s", (chunk) => {
    expect(() => createEncoder({}, "test").transform(chunk as never, () => {})).toThrow(
      new TypeError(`Cannot test: a chunk must be a Uint8Array, received ${typeof chunk}`),
    );
  });
});
