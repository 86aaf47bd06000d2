import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { backoff, cadence } from "./index.ts";

const time = fc.double({ min: 0, max: 1e9, noNaN: true });
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("cadence()", () => {
  test("grows by half from half the interval up to half the cap, and has as much chance on top", () => {
    const least = [1, 2, 3, 20].map((asked) => cadence(asked, 0, { random: () => 0 }));
    expect(least).toEqual([250, 375, 562.5, 5000]);
    const most = [1, 2, 3, 20].map((asked) => cadence(asked, 0, { random: () => 1 }));
    expect(most).toEqual([500, 750, 1125, 10_000]);
    expect(cadence(5, 0, { interval: 20_000, random: () => 1 })).toBe(20_000);
    expect(cadence(1e9, 0, { interval: 0 })).toBe(0);
  });

  test("undercuts no hint, and ends an interval before the time is over rather than later", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), time, time, time, chance, (asked, hint, interval, left, random) => {
        const wait = cadence(asked, hint, { interval, random: () => random }, left);
        expect(wait).toBeGreaterThanOrEqual(hint);
        expect(wait).toBeLessThanOrEqual(Math.max(hint, interval / 2, left - interval));
        expect(wait).toBeLessThanOrEqual(cadence(asked, hint, { interval, random: () => random }));
      }),
    );
  });
});

describe("backoff()", () => {
  const busy = (retryAfter: number) => ({ retryable: true, retryAfter });

  test("waits for the hint at least, and no longer than there is time where the hint fits", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), time, time, chance, (failures, hint, left, random) => {
        const spends: number[] = [];
        const budget = { tokens: 1, spend: () => spends.push(1) > 0, refund() {} };
        const options = { attempts: Infinity, random: () => random, budget };
        const { after, delay } = backoff(busy(hint), failures, options, left) ?? { after: -1, delay: -1 };
        expect(after).toBe(hint);
        if (hint < left) expect(delay).toBeLessThanOrEqual(left);
        else expect(delay).toBe(hint);
        expect(delay).toBeGreaterThanOrEqual(hint);
        // What will not happen costs nothing.
        expect(spends.length).toBe(hint < left ? 1 : 0);
      }),
    );
  });

  test("is undefined where the error is final or the budget empty", () => {
    const budget = { tokens: 0, spend: () => false, refund() {} };
    expect(backoff(new Error("bug"), 1)).toBeUndefined();
    expect(backoff(busy(0), 5)).toBeUndefined();
    expect(backoff(busy(0), 1, { budget })).toBeUndefined();
  });
});
