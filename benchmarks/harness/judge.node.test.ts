import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Bars } from "./case.ts";
import { formatVerdict, judge } from "./judge.ts";
import type { CaseResult } from "./run-case.ts";
import { GiB, MiB } from "./size.ts";

function result(bytes: number, peaks: readonly number[], bars: Bars, young: readonly number[] = []): CaseResult {
  const runs = peaks.map((peak, index) => ({
    wall: 1,
    cpu: 1,
    outcome: { bytes },
    startRss: 80 * MiB,
    peakRss: peak * MiB,
    ...(young[index] !== undefined && { youngGeneration: young[index] * MiB }),
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

  test("tells what of a growth is V8's young generation, and judges all of it", () => {
    const bars = { growth: 8 * MiB };
    const [verdict] = judge([result(GiB, [80, 82], bars, [8, 8]), result(4 * GiB, [94.25], bars, [16])]);
    expect(verdict).toMatchObject({ measured: 13.25 * MiB, young: 8 * MiB, held: false });
    expect(verdict && formatVerdict(verdict)).toBe(
      "memory: gzip grows by 13.3 MiB from 1 GiB to 4 GiB, 8 MiB of it V8's young generation, 8 MiB allowed",
    );
  });

  test("V8's share is no more than there is, and changes neither a growth nor its verdict", () => {
    const mebibytes = fc.integer({ min: 0, max: 128 });
    fc.assert(
      fc.property(mebibytes, mebibytes, mebibytes, mebibytes, (small, large, before, after) => {
        const bars = { growth: 8 * MiB };
        const plain = judge([result(GiB, [small], bars), result(4 * GiB, [large], bars)])[0];
        const told = judge([result(GiB, [small], bars, [before]), result(4 * GiB, [large], bars, [after])])[0];
        expect(plain?.young).toBe(undefined);
        expect(told?.measured).toBe(plain?.measured);
        expect(told?.young).toBe(Math.max(0, Math.min(large - small, after - before)) * MiB);
        expect(told?.held).toBe(plain?.held);
      }),
    );
  });

  test("does not tell V8's share where a run does not", () => {
    const bars = { growth: 8 * MiB };
    const [verdict] = judge([result(GiB, [80], bars, [1]), result(4 * GiB, [90, 90], bars, [32])]);
    expect(verdict?.young).toBe(undefined);
  });

  test("says nothing of growth where there is one size, and nothing at all without bars", () => {
    expect(judge([result(GiB, [100], { growth: 1 })])).toEqual([]);
    expect(judge([result(GiB, [100], {}), result(4 * GiB, [900], {})])).toEqual([]);
  });
});
