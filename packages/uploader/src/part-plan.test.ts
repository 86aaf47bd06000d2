import fc from "fast-check";
import { expect, test } from "vitest";
import { planParts } from "./part-plan.ts";

test("planParts covers the file within the target's limits, or refuses it", () => {
  const positive = (max: number) => fc.integer({ min: 1, max });
  fc.assert(
    fc.property(
      fc.nat(1e9),
      positive(1e6),
      positive(1e6),
      positive(100),
      (size, preferredPartSize, extra, maxParts) => {
        const limits = { preferredPartSize, maxPartSize: preferredPartSize + extra, maxParts };
        if (size > limits.maxPartSize * maxParts) {
          expect(() => planParts("x", "target", size, limits, "auto")).toThrow(/holds at most/);
          return;
        }
        const { partSize, parts } = planParts("x", "target", size, limits, "auto");
        expect(parts).toBeLessThanOrEqual(maxParts);
        expect(partSize).toBeLessThanOrEqual(limits.maxPartSize);
        expect(parts * partSize).toBeGreaterThanOrEqual(size);
        expect((parts - 1) * partSize).toBeLessThan(Math.max(1, size));
      },
    ),
  );
});
