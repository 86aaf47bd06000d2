import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodedLength } from "./index.ts";

describe("encodedLength", () => {
  test("is exact beyond 2^32", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 52 }), fc.boolean(), (bytes, padding) => {
        const exact = padding ? ((BigInt(bytes) + 2n) / 3n) * 4n : (BigInt(bytes) * 4n + 2n) / 3n;
        expect(encodedLength(bytes, { padding })).toBe(Number(exact));
      }),
    );
  });

  test("counts line breaks exactly beyond 2^32", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 51 }), fc.integer({ min: 1, max: 100 }), (bytes, lineLength) => {
        const characters = ((BigInt(bytes) + 2n) / 3n) * 4n;
        const exact = characters + 2n * ((characters + BigInt(lineLength) - 1n) / BigInt(lineLength) - 1n);
        fc.pre(exact <= BigInt(Number.MAX_SAFE_INTEGER));
        expect(encodedLength(bytes, { lineLength })).toBe(Number(exact));
      }),
    );
  });

  test.each([
    [-1, RangeError, "-1"],
    [0.5, RangeError, "0.5"],
    [2 ** 53, RangeError, "9007199254740992"],
    ["1", TypeError, "string"],
  ])("refuses %s", (bytes, Kind, shown) => {
    expect(() => encodedLength(bytes as number)).toThrow(
      new Kind(`Cannot tell the encoded length: "byteLength" must be an integer of 0 or more, received ${shown}`),
    );
  });
});
