import fc from "fast-check";
import { expect, test } from "vitest";
import { checkJson } from "./check-json.ts";

test("checkJson takes whatever comes from JSON", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => checkJson(value, "value")));
});

test("checkJson takes nothing that comes back from JSON as something else", () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withSparseArray: true,
  });
  fc.assert(
    fc.property(anything, (value) => {
      try {
        checkJson(value, "value");
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
        return;
      }
      // toEqual leaves out members that are undefined, as JSON does; -0 is 0.
      const known = JSON.parse(JSON.stringify(value), (_, member) => (member === 0 ? 0 : member));
      expect(known).toEqual(withoutMinus(value));
    }),
    { numRuns: 1_000 },
  );
});

function withoutMinus(value: unknown): unknown {
  if (value === 0) return 0;
  if (Array.isArray(value)) return value.map(withoutMinus);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutMinus(member)]));
}

class Receipt {
  readonly etag = "x";
}
const deep = (depth: number): unknown => (depth === 0 ? 0 : [deep(depth - 1)]);

test.each([
  ["undefined", undefined, '"receipt": it must be plain JSON, received undefined'],
  ["a class", { a: new Receipt() }, '"receipt.a": it must be plain JSON, received an instance of Receipt'],
  ["a date", [0, new Date()], '"receipt[1]": it must be plain JSON, received an instance of Date'],
  ["a bigint", { "a b": [1n] }, '"receipt["a b"][0]": it must be plain JSON, received a bigint'],
  ["a hole", { list: new Array(1) }, '"receipt.list[0]": it must be plain JSON, received undefined'],
  ["a number that is none", { rate: Number.NaN }, '"receipt.rate": it must be plain JSON, received NaN'],
  ["too deep", deep(2_000), "received something nested 1000 deep"],
])("checkJson refuses %s and says where it is", (_, value, message) => {
  expect(() => checkJson(value, "receipt")).toThrow(message);
});

test("checkJson refuses what contains itself, and takes the same object twice", () => {
  const shared = { etag: "x" };
  checkJson([shared, shared], "receipt");
  const self: { list: unknown[] } = { list: [] };
  self.list.push(self);
  expect(() => checkJson(self, "receipt")).toThrow('"receipt.list[0]": it must be plain JSON, received an object that');
});
