import { bytesSource } from "@sluice/source";
import fc from "fast-check";
import { expect, test } from "vitest";
import { pipelineTarget } from "./pipeline-target.ts";

const put = async (size: number | undefined, before: number | undefined, steps: readonly number[]) => {
  const told: number[] = [];
  let sum = 0;
  const target = pipelineTarget(
    {
      send: async (_body, { onSent }) => {
        for (const bytes of steps) onSent(bytes);
        return "answer";
      },
      ...(before !== undefined && { before }),
    },
    undefined,
  );
  const sent = (bytes: number) => {
    sum += bytes;
    told.push(sum);
  };
  const context = { signal: new AbortController().signal, attempt: 1, sent };
  const part = { index: 0, offset: 0, size, body: bytesSource(new Uint8Array()), digests: {} };
  const receipt = await target.put({}, part, context);
  expect(await target.complete({}, [receipt], { size: size ?? 0, digests: {} }, context)).toBe("answer");
  return told;
};

test("pipelineTarget tells bytes of the file, whatever stands around them in the request", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(1000),
      fc.array(fc.integer({ min: 1, max: 300 })),
      fc.nat(50),
      async (size, cuts, after) => {
        const before = 10;
        const base64 = 4 * Math.ceil(size / 3);
        const steps: number[] = [];
        let left = before + base64 + after;
        for (const cut of cuts) {
          steps.push(Math.min(cut, left));
          left -= Math.min(cut, left);
        }
        steps.push(left);
        let passed = 0;
        for (const [index, told] of (await put(size, before, steps)).entries()) {
          passed += steps[index] ?? 0;
          // Of what has gone so far at least this much, and never more, was the file.
          const whole = Math.floor(Math.max(0, Math.min(passed - before, base64)) / 4) * 3;
          expect(told).toBeGreaterThanOrEqual(Math.min(whole, size));
          expect(told).toBeLessThanOrEqual(Math.min(whole + 3, size));
        }
        expect((await put(size, before, steps)).at(-1)).toBe(size);
      },
    ),
  );
});

test("pipelineTarget tells every byte of a request that is nothing but the file", async () => {
  expect(await put(10, undefined, [4, 6])).toEqual([4, 10]);
  expect(await put(undefined, undefined, [4, 6])).toEqual([4, 10]);
  expect(await put(undefined, 10, [10, 8])).toEqual([0, 6]);
});
