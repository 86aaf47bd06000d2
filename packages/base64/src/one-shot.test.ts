import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBase64, encodeBase64 } from "./index.ts";

describe("encodeBase64 and decodeBase64", () => {
  test("undo each other in every format", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom("base64", "base64url"),
        fc.option(fc.boolean(), { nil: undefined }),
        fc.option(fc.integer({ min: 1, max: 80 }), { nil: undefined }),
        (bytes, alphabet, padding, lineLength) => {
          const text = encodeBase64(bytes, { alphabet, padding, lineLength });
          for (const mode of ["forgiving", "mime"] as const) {
            expect(decodeBase64(text, { alphabet, mode })).toEqual(Uint8Array.from(bytes));
          }
          if (!lineLength && (padding || alphabet === "base64url" || padding === undefined)) {
            expect(decodeBase64(text, { alphabet })).toEqual(Uint8Array.from(bytes));
          }
        },
      ),
    );
  });

  test("give memory that holds the result alone", () => {
    for (const text of ["", "Zg==", "Zm9vYg", "Zm9v\nYmFy", "Zm 9v YmE"]) {
      const { byteLength, buffer } = decodeBase64(text, { mode: "forgiving" });
      expect(buffer.byteLength).toBe(byteLength);
    }
  });

  test("refuse what they cannot take", () => {
    expect(() => encodeBase64("text" as never)).toThrow(
      new TypeError("Cannot encode base64: a chunk must be a Uint8Array, received string"),
    );
    expect(() => decodeBase64(7 as never)).toThrow(
      new TypeError("Cannot decode base64: a chunk must be a Uint8Array or a string, received number"),
    );
  });
});
