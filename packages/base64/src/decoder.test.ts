import fc from "fast-check";
import { describe, expect, test } from "vitest";
import vectors from "../testdata/base64.json" with { type: "json" };
import { bufferEngine } from "./buffer-engine.ts";
import { charactersOf } from "./characters.ts";
import { type Base64DecoderOptions, createDecoder } from "./decoder.ts";
import type { Engine } from "./engine.ts";
import { MalformedBase64Error } from "./index.ts";
import { tableEngine } from "./table-engine.ts";
import { typedArrayEngine } from "./typed-array-engine.ts";

type Chunk = Uint8Array | string;

const engines = Object.entries({
  tables: tableEngine,
  Buffer: bufferEngine(),
  "typed arrays": typedArrayEngine(),
}).filter((entry): entry is [string, Engine] => entry[1] !== undefined);

/** The bytes that come out, and where it fails, if it does. */
function decode(chunks: readonly Chunk[], options: Base64DecoderOptions, engine: Engine) {
  const bytes: number[] = [];
  const emit = (chunk: Uint8Array) => {
    for (const byte of chunk) bytes.push(byte);
  };
  const codec = createDecoder(options, "test", engine);
  try {
    for (const chunk of chunks) codec.transform(chunk, emit);
    codec.flush?.(emit);
  } catch (error) {
    if (!(error instanceof MalformedBase64Error)) throw error;
    return { bytes, offset: error.offset };
  }
  return { bytes };
}

const asBytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** As it is, cut in two everywhere, and one by one with empty chunks between; as text, and where it can be as bytes. */
function everySplit(text: string): Chunk[][] {
  const cuts = Array.from({ length: text.length }, (_, at) => [text.slice(0, at), text.slice(at)]);
  const ones = Array.from({ length: text.length }, (_, at) => [text.charAt(at), ""]).flat();
  const texts = [[text], ...cuts, ones];
  return /[^\0-\xff]/.test(text) ? texts : [...texts, ...texts.map((chunks) => chunks.map(asBytes))];
}

const withinAlphabet = (text: string, url: boolean) => (url ? text.replaceAll("-", "+").replaceAll("_", "/") : text);

/** What each mode makes of a text, by other means; undefined for malformed. */
function reference(text: string, { mode, alphabet }: Base64DecoderOptions): number[] | undefined {
  const url = alphabet === "base64url";
  const own = withinAlphabet(url ? text.replace(/[+/]/g, "!") : text, url);
  const attempt = (accepted: string) => {
    try {
      return [...atob(accepted)].map((character) => character.charCodeAt(0));
    } catch {
      return undefined;
    }
  };
  if (mode === "forgiving") return attempt(own);
  if (mode === "mime") {
    const [, data = "", rest = ""] = /^([^=]*)(.*)$/s.exec(own.replace(/[^A-Za-z0-9+/=]/g, "")) ?? [];
    return /[^=]/.test(rest) ? undefined : attempt(data);
  }
  const last = url
    ? "(?:[A-Za-z0-9+/][AQgw](?:==)?|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=?)"
    : "(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)";
  return new RegExp(`^(?:[A-Za-z0-9+/]{4})*${last}?$`).test(own) ? attempt(own) : undefined;
}

const modes = fc.record({
  mode: fc.constantFrom("strict", "forgiving", "mime"),
  alphabet: fc.constantFrom("base64", "base64url"),
});
/** Mostly characters of the alphabets; sometimes what decoders trip over. */
const texts = fc
  .tuple(
    fc.string({ unit: fc.constantFrom(..."AQgwZ09+/-_"), maxLength: 40 }),
    fc.string({ unit: fc.constantFrom(..."AQgw=== \r\n\t\f!+_\0\xa0\xc1\ufeff\u0141\ud800"), maxLength: 6 }),
    fc.string({ unit: fc.constantFrom(..."Ag=\n"), maxLength: 5 }),
    fc.constantFrom("", "=", "==", "===", "= =", "==\n"),
  )
  .map((parts) => parts.join(""));

describe.each(engines)("decoder (%s)", (_, engine) => {
  test.each(vectors.cases as [string, number[] | null][])("forgiving: %j", (input, expected) => {
    for (const chunks of everySplit(input)) {
      const { bytes, offset } = decode(chunks, { mode: "forgiving" }, engine);
      expect(offset === undefined ? bytes : null).toEqual(expected);
    }
  });

  test.each<[Base64DecoderOptions, string, string, number?]>([
    [{}, "Zm9vYg==", "foob"],
    [{}, "Zm9vYg", "foo", 6],
    [{}, "Zm9vYg=", "foo", 7],
    [{}, "Zm9vY", "foo", 5],
    [{}, "Zm9vYh==", "foo", 5],
    [{}, "Zm9vYmF=", "foo", 6],
    [{}, "Zm9v\n", "foo", 4],
    [{}, "Zm9v\r\nZm9v", "foo", 4],
    [{}, "Zm9!Zm9v", "", 3],
    [{}, "Zg==Zm9v", "f", 4],
    [{}, "Zg===", "f", 4],
    [{}, "Zg=v", "", 3],
    [{}, "=", "", 0],
    [{}, "Zm9vZ===", "foo", 5],
    [{}, "Zm9v-_-_", "foo", 4],
    [{}, "\ufeffZm9v", "", 0],
    [{}, "\xef\xbb\xbfZm9v", "", 0],
    [{}, "Zm9v\u0141m9v", "foo", 4],
    [{}, "Zm9v\ud83d\ude00", "foo", 4],
    [{}, "Zm9v\0", "foo", 4],
    [{ alphabet: "base64url" }, "Zm9v-_-_", "foo\xfb\xff\xbf"],
    [{ alphabet: "base64url" }, "Zm9v+/+/", "foo", 4],
    [{ alphabet: "base64url" }, "Zm9vYg", "foob"],
    [{ alphabet: "base64url" }, "Zm9vYg==", "foob"],
    [{ alphabet: "base64url" }, "Zm9vYg=", "foo", 7],
    [{ alphabet: "base64url" }, "Zm9vYh", "foo", 5],
    [{ mode: "forgiving" }, "Z g\t=\n=\r\f", "f"],
    [{ mode: "forgiving" }, "Zh==", "f"],
    [{ mode: "forgiving" }, "Zg= x", "", 4],
    [{ mode: "forgiving" }, "Zm9v\xa0", "foo", 4],
    [{ mode: "forgiving", alphabet: "base64url" }, "-_ -_", "\xfb\xff\xbf"],
    [{ mode: "mime" }, "Zm9v\r\n*Yg=\u0141=\r\n--\r\n", "foob"],
    [{ mode: "mime" }, "\ufeffZm\0 9v", "foo"],
    [{ mode: "mime" }, "Zm9vYg", "foob"],
    [{ mode: "mime" }, "Zm9vYg=", "foob"],
    [{ mode: "mime" }, "Zm9v====", "foo"],
    [{ mode: "mime" }, "Zm9vYg==\r\nZm9v", "foob", 10],
    [{ mode: "mime" }, "Zm9vY=", "foo", 5],
    [{ mode: "mime" }, "Zm9vY\r\n", "foo", 7],
    [{ mode: "mime" }, "Zm9v-_", "foo"],
  ])("%j: %j is %j, fault at %s, for every split", (options, input, plain, offset) => {
    const bytes = [...asBytes(plain)];
    for (const chunks of everySplit(input)) {
      expect(decode(chunks, options, engine)).toEqual(offset === undefined ? { bytes } : { bytes, offset });
    }
  });

  test("strict accepts just those last characters that leave no bit unused", () => {
    for (const alphabet of ["base64", "base64url"] as const) {
      [...charactersOf(alphabet === "base64url")].forEach((character, value) => {
        const accepted = (text: string) => decode([text], { alphabet }, engine).offset === undefined;
        expect([character, accepted(`A${character}==`)]).toEqual([character, value % 16 === 0]);
        expect([character, accepted(`AA${character}=`)]).toEqual([character, value % 4 === 0]);
      });
    }
  });

  test("accepts what the reference accepts and fails at the same place for every split", () => {
    fc.assert(
      fc.property(texts, modes, fc.array(fc.nat(50)), (text, options, cuts) => {
        const whole = decode([text], options, engine);
        expect(whole.offset === undefined ? whole.bytes : undefined).toEqual(reference(text, options));
        const places = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length];
        const chunks = places.slice(1).map((place, index) => text.slice(places[index], place));
        expect(decode(chunks, options, engine)).toEqual(whole);
        if (!/[^\0-\xff]/.test(text)) expect(decode(chunks.map(asBytes), options, engine)).toEqual(whole);
      }),
    );
  });

  test("decodes what is longer than a piece, regular or not, and finds the fault in it", () => {
    const plain = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 2_654_435_761) >>> 13);
    const text = btoa(Array.from(plain, (byte) => String.fromCharCode(byte)).join(""));
    const lines = text.match(/.{1,76}/g)?.join("\r\n") ?? "";
    const faulty = `${text.slice(0, 99_999)}\u0141${text.slice(100_000)}`;
    for (const shape of [(chunk: string) => chunk, asBytes]) {
      for (const step of [1 << 20, 65_537, 1000]) {
        const cut = (whole: string) => {
          const count = Math.ceil(whole.length / step);
          return Array.from({ length: count }, (_, index) => shape(whole.slice(index * step, (index + 1) * step)));
        };
        expect(equal(decode(cut(text), {}, engine).bytes, plain)).toBe(true);
        expect(equal(decode(cut(lines), { mode: "mime" }, engine).bytes, plain)).toBe(true);
        expect(equal(decode(cut(lines), { mode: "forgiving" }, engine).bytes, plain)).toBe(true);
        if (shape === asBytes) continue;
        const { bytes, offset } = decode(cut(faulty), {}, engine);
        expect(offset).toBe(99_999);
        expect(equal(bytes, plain.subarray(0, 74_997))).toBe(true);
      }
    }
  });

  test("emits memory that is full, and once for each chunk at most", () => {
    const codec = createDecoder({ mode: "forgiving" }, "test", engine);
    const sizes: number[][] = [];
    for (const chunk of ["Zm9", "vZm9v", "\nZm9v\n", "A", "g=", "="]) {
      codec.transform(chunk, ({ byteLength, buffer }) => sizes.push([byteLength, buffer.byteLength]));
    }
    expect(sizes).toEqual([
      [6, 6],
      [3, 3],
      [1, 1],
    ]);
  });
});

describe("decoder", () => {
  test("says where, what it expected and what it received", () => {
    expect(() => createDecoder({}, "test").transform("Zm9v!", () => {})).toThrow(
      new MalformedBase64Error(4, "a character of the base64 alphabet", "!"),
    );
    const error = new MalformedBase64Error(4, "padding", "x");
    expect(error).toMatchObject({
      name: "MalformedBase64Error",
      code: "malformed-base64",
      retryable: false,
      offset: 4,
    });
    expect(error.message).toBe('Cannot decode base64: expected padding at offset 4, received "x"');
  });

  test.each([
    [{ mode: "lax" }, RangeError, '"mode" must be "strict" or "forgiving" or "mime", received "lax"'],
    [{ mode: true }, TypeError, '"mode" must be "strict" or "forgiving" or "mime", received boolean'],
    [{ alphabet: "url" }, RangeError, '"alphabet" must be "base64" or "base64url", received "url"'],
  ])("refuses %j", (options, Kind, message) => {
    expect(() => createDecoder(options as object, "test")).toThrow(new Kind(`Cannot test: ${message}`));
  });

  test.each([7, null, new ArrayBuffer(1)])("refuses a chunk of %s", (chunk) => {
    expect(() => createDecoder({}, "test").transform(chunk as never, () => {})).toThrow(
      new TypeError(`Cannot test: a chunk must be a Uint8Array or a string, received ${typeof chunk}`),
    );
  });
});

function equal(received: readonly number[], expected: Uint8Array): boolean {
  return received.length === expected.length && received.every((byte, index) => byte === expected[index]);
}
