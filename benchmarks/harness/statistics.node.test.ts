import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pairwiseRatio, spread } from "./statistics.ts";

describe("spread", () => {
  test.for([
    [[7], { median: 7, min: 7, max: 7 }],
    [[9, 10, 1], { median: 9, min: 1, max: 10 }],
    [[4, 1, 100, 2], { median: 3, min: 1, max: 100 }],
  ] as const)("of %j", ([values, expected]) => {
    expect(spread(values)).toEqual(expected);
  });

  test("has as many values below the median as above, whatever their order", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        const { median, min, max } = spread(values);
        const below = values.filter((value) => value < median).length;
        const above = values.filter((value) => value > median).length;
        expect(Math.max(below, above)).toBeLessThanOrEqual(values.length / 2);
        expect([min, max]).toEqual([Math.min(...values), Math.max(...values)]);
      }),
    );
  });

  test.for([[[]], [[1, Number.NaN]], [[Infinity]]])("refuses %j", ([values]) => {
    expect(() => spread(values ?? [])).toThrow(RangeError);
  });
});

describe("pairwiseRatio", () => {
  test("divides round by round, so that a slow round that hit both counts for nothing", () => {
    expect(pairwiseRatio([10, 200, 10], [20, 400, 20])).toEqual({ median: 0.5, min: 0.5, max: 0.5 });
  });

  test("is not the ratio of the medians", () => {
    expect(pairwiseRatio([1, 2, 9], [2, 1, 3])).toEqual({ median: 2, min: 0.5, max: 3 });
  });

  test("refuses rounds without a partner", () => {
    expect(() => pairwiseRatio([1, 2], [1])).toThrow("received 2 and 1");
  });
});
