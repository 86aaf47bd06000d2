import type { Clock } from "@sluice/retry";
import { expect, test } from "vitest";
import { adaptiveConcurrency, type Concurrency, fixedConcurrency } from "./concurrency.ts";

/** A clock without timers, so that to move it costs nothing. */
function handClock(): Clock & { advance(duration: number): void } {
  let now = 0;
  return {
    now: () => now,
    setTimeout() {
      throw new Error("no timers are needed");
    },
    clearTimeout() {},
    advance(duration) {
      now += duration;
    },
  };
}

/** Parts without end, as many at once as may be; all together they move `goodput(parts)` bytes a second. */
function run(
  concurrency: Concurrency,
  clock: ReturnType<typeof handClock>,
  seconds: number,
  goodput: (parts: number) => number,
): void {
  for (let tick = 0; tick < seconds * 10; tick += 1) {
    const parts = concurrency.limit;
    for (let part = 0; part < parts; part += 1) concurrency.started();
    clock.advance(100);
    for (let part = 0; part < parts; part += 1) {
      concurrency.moved(goodput(parts) / 10 / parts);
      concurrency.ended();
    }
  }
}

test("a fixed concurrency stays what it is", () => {
  const concurrency = fixedConcurrency(7);
  concurrency.started();
  concurrency.moved(1);
  concurrency.failed("throttled");
  concurrency.ended();
  expect(concurrency.limit).toBe(7);
});

test("an adaptive one climbs with goodput to the end of it, and tells each step", () => {
  const clock = handClock();
  const steps: number[] = [];
  const concurrency = adaptiveConcurrency({ clock, onChange: (limit) => steps.push(limit) });
  expect(concurrency.limit).toBe(4);
  run(concurrency, clock, 20, (parts) => parts * 1e6);
  expect(steps).toEqual([8, 16, 32]);
});

test("it takes a raise back that brings nothing, and tries again half a minute later", () => {
  const clock = handClock();
  const steps: number[] = [];
  const concurrency = adaptiveConcurrency({ clock, onChange: (limit) => steps.push(limit) });
  run(concurrency, clock, 25, () => 1e7);
  expect(steps).toEqual([8, 4]);
  run(concurrency, clock, 20, () => 1e7);
  expect(steps).toEqual([8, 4, 5, 4]);
});

test("it notices that goodput has changed without waiting for that", () => {
  const clock = handClock();
  const concurrency = adaptiveConcurrency({ clock });
  run(concurrency, clock, 10, () => 1e7);
  expect(concurrency.limit).toBe(4);
  run(concurrency, clock, 20, (parts) => parts * 4e6);
  expect(concurrency.limit).toBe(32);
});

test("it never exceeds its most, however small that is", () => {
  for (const max of [1, 3, 6]) {
    const clock = handClock();
    const concurrency = adaptiveConcurrency({ clock, max });
    run(concurrency, clock, 20, (parts) => parts * 1e6);
    expect(concurrency.limit).toBe(max);
    concurrency.failed("throttled");
    run(concurrency, clock, 10, (parts) => parts * 1e6);
    expect(concurrency.limit).toBe(max);
  }
});

test("it does not grow while the source leaves places empty", () => {
  const clock = handClock();
  const concurrency = adaptiveConcurrency({ clock });
  concurrency.started();
  for (let tick = 0; tick < 300; tick += 1) {
    clock.advance(100);
    concurrency.started();
    concurrency.moved(1000 * (1 + tick));
    concurrency.ended();
  }
  expect(concurrency.limit).toBe(4);
});

test("an event that fails many parts brakes once", () => {
  const clock = handClock();
  const concurrency = adaptiveConcurrency({ clock });
  run(concurrency, clock, 20, (parts) => parts * 1e6);
  for (let part = 0; part < 32; part += 1) concurrency.started();
  for (let part = 0; part < 32; part += 1) concurrency.failed(part % 2 ? "throttled" : "timeout");
  expect(concurrency.limit).toBe(23);
  // They are still in flight a while later, and are refused again: the brake has had no effect yet.
  clock.advance(5_000);
  for (let part = 0; part < 32; part += 1) concurrency.failed("throttled");
  expect(concurrency.limit).toBe(23);
  for (let part = 0; part < 9; part += 1) concurrency.ended();
  concurrency.failed("throttled");
  expect(concurrency.limit).toBe(17);
});

test("it brakes to one at the least, and not for other failures", () => {
  const clock = handClock();
  const concurrency = adaptiveConcurrency({ clock });
  concurrency.failed("other");
  expect(concurrency.limit).toBe(4);
  for (let round = 0; round < 10; round += 1) {
    concurrency.failed("timeout");
    clock.advance(1_000);
  }
  expect(concurrency.limit).toBe(1);
  run(concurrency, clock, 6, (parts) => parts * 1e6);
  expect(concurrency.limit).toBe(4);
});

test("a trial that is refused is taken back, no more", () => {
  const clock = handClock();
  const steps: number[] = [];
  const concurrency = adaptiveConcurrency({ clock, onChange: (limit) => steps.push(limit) });
  const goodput = (parts: number): number => Math.min(parts, 16) * 1e6;
  run(concurrency, clock, 20, goodput);
  expect(steps).toEqual([8, 16, 32, 16]);
  while (concurrency.limit === 16) run(concurrency, clock, 0.1, goodput);
  concurrency.failed("throttled");
  expect(steps.slice(4)).toEqual([20, 16]);
});

test("after a refusal it climbs to just below it, one at a time, and stays for ten seconds", () => {
  const clock = handClock();
  const steps: number[] = [];
  const concurrency = adaptiveConcurrency({ clock, onChange: (limit) => steps.push(limit) });
  run(concurrency, clock, 3.5, (parts) => parts * 1e6);
  expect(concurrency.limit).toBe(16);
  concurrency.failed("throttled");
  steps.length = 0;
  run(concurrency, clock, 9.5, (parts) => parts * 1e6);
  expect(steps).toEqual([13, 14, 15]);
  run(concurrency, clock, 3, (parts) => parts * 1e6);
  expect(steps.slice(0, 4)).toEqual([13, 14, 15, 16]);
});
