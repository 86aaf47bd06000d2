import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createBudget } from "./index.ts";

describe("createBudget()", () => {
  test("starts full, spends whole tokens and refills up to its capacity", () => {
    const budget = createBudget({ capacity: 2, refill: 0.25 });
    expect([budget.spend(), budget.spend(), budget.spend()]).toEqual([true, true, false]);
    for (let i = 0; i < 4; i++) budget.refund();
    expect(budget.tokens).toBe(1);
    for (let i = 0; i < 40; i++) budget.refund();
    expect(budget.tokens).toBe(2);
  });

  test("makes a whole token of ten tenths", () => {
    const budget = createBudget({ capacity: 1, refill: 0.1 });
    budget.spend();
    for (let i = 0; i < 10; i++) budget.refund();
    expect(budget.spend()).toBe(true);
  });

  test("of capacity 0 allows no retry", () => {
    expect(createBudget({ capacity: 0, refill: 1 }).spend()).toBe(false);
  });

  test("is never negative, never above its capacity, and never gives more than it got", () => {
    const amount = fc.double({ min: 0, max: 20, noNaN: true });
    fc.assert(
      fc.property(amount, amount, fc.array(fc.boolean()), (capacity, refill, calls) => {
        const budget = createBudget({ capacity, refill });
        let spent = 0;
        for (const [index, spend] of calls.entries()) {
          if (spend) spent += Number(budget.spend());
          else budget.refund();
          expect(budget.tokens).toBeGreaterThanOrEqual(0);
          expect(budget.tokens).toBeLessThanOrEqual(capacity);
          expect(spent).toBeLessThanOrEqual(capacity + (refill + 1e-6) * (index + 1));
        }
      }),
    );
  });

  test.each([
    [
      { capacity: -1, refill: 0 },
      RangeError,
      'Cannot create a budget: "capacity" must be a finite number >= 0, received -1',
    ],
    [{ capacity: Infinity, refill: 0 }, RangeError, "received Infinity"],
    [{ capacity: 1, refill: Number.NaN }, RangeError, '"refill"'],
    [{ capacity: 1 }, TypeError, '"refill" must be a finite number >= 0, received undefined'],
    [{ capacity: "1", refill: 0 }, TypeError, "received string"],
  ])("%o throws", (options, kind, message) => {
    const call = (): unknown => createBudget(options as never);
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
  });
});
