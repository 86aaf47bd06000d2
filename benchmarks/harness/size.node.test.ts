import { describe, expect, test } from "vitest";
import { formatSize, parseSize } from "./size.ts";

describe("parseSize", () => {
  test.for([
    ["4GiB", 4 * 1024 ** 3],
    ["1.5 MiB", 1.5 * 1024 ** 2],
    ["64KiB", 65_536],
    ["7B", 7],
    ["1048576", 1_048_576],
  ] as const)("reads %s", ([text, bytes]) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test.for(["", "0", "-1", "4GB", "4gib", "GiB", "0.3", "1e3", "99999999GiB"])("refuses %j", (text) => {
    expect(() => parseSize(text)).toThrow(RangeError);
  });
});

test("formatSize keeps the number at 1 or above", () => {
  expect([1, 1023, 1024, 1.5 * 1024 ** 2, 16 * 1024 ** 3].map(formatSize)).toEqual([
    "1 B",
    "1023 B",
    "1 KiB",
    "1.5 MiB",
    "16 GiB",
  ]);
});
