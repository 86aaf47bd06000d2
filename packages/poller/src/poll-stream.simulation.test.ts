import { virtualClock } from "@sluice/retry/testing";
import { adopt } from "@sluice/streams";
import { expect, test } from "vitest";
import { PollStream, type Task } from "./index.ts";

const TASKS = 10_000;
const RATE = 1000;

test("PollStream serves 10,000 tasks fairly under one limiter", async () => {
  const clock = virtualClock();
  let seed = 1;
  const random = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const perSecond = new Map<number, number>();
  let worst = 0;
  let reads = 0;
  const tasks = Array.from({ length: TASKS }, (_, index): Task<number> => {
    const ends = random() * 20_000;
    let last: number | undefined;
    return {
      id: `job-${index}`,
      async read({ attempt }) {
        const now = clock.now();
        reads += 1;
        perSecond.set(Math.floor(now / 1000), (perSecond.get(Math.floor(now / 1000)) ?? 0) + 1);
        // The bound of the contract: three times the larger of the interval and of the time for everybody's turn.
        const interval = Math.min(10_000, 500 * 1.5 ** Math.max(0, attempt - 2));
        const allowed = 3 * Math.max(interval, (TASKS / RATE) * 1000);
        if (last !== undefined) worst = Math.max(worst, (now - last) / allowed);
        last = now;
        return now < ends ? { state: "running" } : { state: "succeeded", result: index };
      },
    };
  });

  const settled: number[] = [];
  const stage = new PollStream<number>({ clock, random, rate: RATE, inFlight: TASKS });
  await clock.run(
    (async () => {
      for await (const { result } of adopt(tasks).pipeThrough(stage)) settled.push(result ?? -1);
    })(),
  );

  expect(new Set(settled).size).toBe(TASKS);
  expect(worst).toBeLessThan(1);
  expect(Math.max(...perSecond.values())).toBeLessThanOrEqual(RATE * 1.03);
  // As long as all are there, the limiter is never idle.
  expect(Math.min(...[1, 5, 10].map((second) => perSecond.get(second) ?? 0))).toBeGreaterThan(RATE * 0.9);
  expect(reads).toBeLessThan(TASKS * 4);
  expect(clock.pending).toBe(0);
}, 60_000);
