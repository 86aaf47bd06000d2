import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Bars } from "./case.ts";
import { formatVerdict, judge } from "./judge.ts";
import type { CaseResult } from "./run-case.ts";
import { GiB, MiB } from "./size.ts";

function result(bytes: number, peaks: readonly number[], bars: Bars): CaseResult {
  const runs = peaks.map((peak) => ({
    wall: 1,
    cpu: 1,
    outcome: { bytes },
    startRss: 80 * MiB,
    peakRss: peak * MiB,
    trace: [],
  }));
  return { group: "memory", case: "gzip", mode: "process", bytes, bars, subject: { name: "ours", runs } };
}

describe("judge", () => {
  test("takes the medians at the first size and the last", () => {
    const bars = { growth: 8 * MiB };
    const [verdict, ...others] = judge([result(GiB, [99, 100, 150], bars), result(4 * GiB, [109, 109, 90], bars)]);
    expect(others).toEqual([]);
    expect(verdict).toMatchObject({ bar: "growth", measured: 9 * MiB, sizes: [GiB, 4 * GiB], held: false });
    expect(verdict && formatVerdict(verdict)).toBe("memory: gzip grows by 9 MiB from 1 GiB to 4 GiB, 8 MiB allowed");
  });

  test("a bar is held up to its very value, and no byte beyond", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 500 }), (small, large) => {
        const bars = { growth: 8 * MiB, peak: 300 * MiB, above: 200 * MiB };
        const held = Object.fromEntries(
          judge([result(GiB, [small], bars), result(4 * GiB, [large], bars)]).map((verdict) => [
            verdict.bar,
            verdict.held,
          ]),
        );
        expect(held).toEqual({
          growth: large - small <= 8,
          peak: Math.max(small, large) <= 300,
          above: Math.max(small, large) - 80 <= 200,
        });
      }),
    );
  });

  test("says nothing of growth where there is one size, and nothing at all without bars", () => {
    expect(judge([result(GiB, [100], { growth: 1 })])).toEqual([]);
    expect(judge([result(GiB, [100], {}), result(4 * GiB, [900], {})])).toEqual([]);
  });
});
