import { describe, expect, test } from "vitest";
import { formatSize, parseSize } from "./byte-size.ts";

describe("parseSize", () => {
  test.each([
    ["64MiB", 67_108_864],
    ["20MB", 20_000_000],
    ["20mb/s", 20_000_000],
    ["1.5 GiB", 1_610_612_736],
    ["1048576", 1_048_576],
    ["7 B", 7],
    ["2TB", 2_000_000_000_000],
  ])("reads %s", (text, bytes) => {
    expect(parseSize(text, "--part-size")).toBe(bytes);
  });

  test.each(["", "0", "-1", "MB", "1e9", "20 parsecs", "0.0001kB", "9999999TiB", "NaN"])("refuses %j", (text) => {
    expect(() => parseSize(text, "--memory")).toThrow(`"${text}" is no size for --memory.`);
  });

  test("asks which of two sizes was meant", () => {
    expect(() => parseSize("64m", "--memory")).toThrow(
      expect.objectContaining({ exitCode: 2, hint: "Write 64MB (powers of 1000) or 64MiB (powers of 1024)." }),
    );
  });
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_000, "1.0 kB"],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [2_147_483_648, "2.1 GB"],
  [100e12, "100 TB"],
])("formatSize writes %i as %s", (bytes, text) => {
  expect(formatSize(bytes)).toBe(text);
});
