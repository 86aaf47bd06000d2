import { expect, test } from "vitest";
import { exitCodeOf } from "./exit-code.ts";

test.each([
  [[], 0],
  [[0, 0], 0],
  [[1], 1],
  [[1, 2], 1],
  [[2, 2], 2],
  [[0, 1], 3],
  [[0, 2], 3],
])("exitCodeOf %j is %i", (codes, code) => {
  expect(exitCodeOf(codes)).toBe(code);
});
