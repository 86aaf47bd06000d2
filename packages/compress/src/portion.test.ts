import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Portion } from "./portion.ts";

const LARGEST = 131_072;
const WANTED = 524_288;

/** The sizes of the portions of data that expands so many times, one after the other. */
function sizes(ratios: readonly number[]): number[] {
  const portion = new Portion(LARGEST, WANTED);
  return ratios.map((ratio) => {
    const { size } = portion;
    portion.came(size * ratio, size);
    return size;
  });
}

describe("Portion", () => {
  test("grows to the largest for what expands as files do", () => {
    expect(sizes([4, 3, 4, 0, 4, 3])).toEqual([512, 2_048, 8_192, 32_768, 131_072, 131_072]);
  });

  test("is as small as it gets for a bomb, from the first portion on or after one that was not", () => {
    expect(sizes([1_032, 1_032, 1_032])).toEqual([512, 512, 512]);
    expect(sizes([1, 1, 1, 1_000, 1_000])).toEqual([512, 2_048, 8_192, 32_768, 524]);
  });

  test("lets no more come out than is wanted, when data goes on as it was", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_032 }), { maxLength: 40 }), (ratios) => {
        const given = sizes(ratios.flatMap((ratio) => [ratio, ratio]));
        for (const [index, ratio] of ratios.entries()) {
          const size = given[2 * index + 1] as number;
          expect(size).toBeGreaterThanOrEqual(512);
          expect(size).toBeLessThanOrEqual(LARGEST);
          expect(size * ratio).toBeLessThanOrEqual(Math.max(WANTED, 512 * ratio));
        }
      }),
    );
  });
});
