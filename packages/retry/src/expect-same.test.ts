import { expect, test } from "vitest";
import { expectSame, isAmount } from "./index.ts";

test("expectSame passes what is the same, and looks at nothing else", () => {
  expectSame("go on", { version: 1, id: undefined, more: 7 }, { version: 1, id: undefined });
  expectSame("go on", {}, { provider: undefined });
});

test.each([
  [{ version: 2 }, '"version" must be 1, received 2'],
  [{ version: "1" }, '"version" must be 1, received "1"'],
  [null, '"version" must be 1, received undefined'],
  [undefined, '"version" must be 1, received undefined'],
  ["text", '"version" must be 1, received undefined'],
  [{ version: 1, id: "b" }, '"id" must be "a", received "b"'],
])("expectSame refuses %j", (given, message) => {
  const call = () => expectSame("go on", given, { version: 1, id: "a" });
  expect(call).toThrow(RangeError);
  expect(call).toThrow(`Cannot go on: ${message}`);
});

test("isAmount is for numbers from 0 to the most there may be", () => {
  for (const value of [0, 0.5, 1]) expect(isAmount(value, 1)).toBe(true);
  expect(isAmount(Infinity)).toBe(true);
  for (const value of [-0.1, 1.1, Number.NaN, Infinity, "1", 1n, null, undefined, {}]) {
    expect(isAmount(value, 1)).toBe(false);
  }
});
