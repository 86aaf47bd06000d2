import { expect, test } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";

test.each([
  ["250ms", 250],
  ["90s", 90_000],
  ["1.5m", 90_000],
  ["2 H", 7_200_000],
  ["30d", 2_592_000_000],
])("parseDuration reads %s", (text, span) => {
  expect(parseDuration(text, "--deadline")).toBe(span);
});

test.each(["", "90", "m", "-1s", "0s", "2w"])("parseDuration refuses %j", (text) => {
  expect(() => parseDuration(text, "--deadline")).toThrow(`"${text}" is no time for --deadline.`);
});

test.each([
  [12, "12 ms"],
  [999, "999 ms"],
  [1_000, "1.0 s"],
  [59_400, "59 s"],
  [59_600, "1:00"],
  [245_000, "4:05"],
  [3_750_000, "1:02:30"],
])("formatDuration writes %i as %s", (span, text) => {
  expect(formatDuration(span)).toBe(text);
});
