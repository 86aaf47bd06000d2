import { expect, test } from "vitest";
import { closingLine, vitestSummaries } from "./run-steps.ts";

test("closingLine takes the last one, with what was skipped", () => {
  expect(closingLine("3 passed, 0 failed\nmore\n7 passed, 1 failed, 2 skipped\n")).toEqual({
    passed: 7,
    failed: 1,
    skipped: 2,
  });
  expect(closingLine("all 7 passed, 0 failed today")).toBeUndefined();
});

test("vitestSummaries adds up what each package reports", () => {
  const output = `
 Test Files  2 passed (2)
      Tests  12 passed (12)
      Tests  1 failed | 4 passed | 2 skipped (7)
`;
  expect(vitestSummaries(output)).toEqual({ passed: 16, failed: 1, skipped: 2 });
  expect(vitestSummaries("No test files found")).toBeUndefined();
});
