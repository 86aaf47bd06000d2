import { virtualClock } from "@sluice/retry/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createThrottle, Throttle } from "./bandwidth.ts";

const signal = new AbortController().signal;
const at = (promise: Promise<void>, clock: { now(): number }, log: [number, string][], name = "gone"): Promise<void> =>
  promise.then(
    () => void log.push([clock.now(), name]),
    (reason) => void log.push([clock.now(), String(reason)]),
  );

test("bytes wait for what they are worth, less a tenth of a second", async () => {
  const clock = virtualClock();
  const throttle = new Throttle(1000, clock);
  const log: [number, string][] = [];
  const all = [50, 50, 50, 5_000].map((bytes) => at(throttle.take(bytes, signal), clock, log, String(bytes)));
  await clock.run(Promise.all(all));
  expect(log).toEqual([
    [0, "50"],
    [0, "50"],
    [50, "50"],
    [5_050, "5000"],
  ]);
  expect(clock.pending).toBe(0);
});

test("in any window no more goes than the rate, the burst and one piece", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1_000, max: 1e9 }),
      fc.array(
        fc.record({ share: fc.double({ min: 0.1, max: 1, noNaN: true }), think: fc.constantFrom(0, 0, 5, 50) }),
        { minLength: 1, maxLength: 4 },
      ),
      async (rate, connections) => {
        const clock = virtualClock(1e9);
        const throttle = new Throttle(rate, clock);
        const gone: { time: number; bytes: number }[] = [];
        const end = clock.now() + 2_000;
        const run = async ({ share, think }: { share: number; think: number }): Promise<void> => {
          const bytes = Math.max(1, Math.floor((rate / 10) * share));
          while (clock.now() < end) {
            await throttle.take(bytes, signal);
            gone.push({ time: clock.now(), bytes });
            if (think > 0) await new Promise<void>((resolve) => clock.setTimeout(resolve, think));
          }
        };
        await clock.run(Promise.all(connections.map(run)));
        let start = 0;
        let sum = 0;
        for (const { time, bytes } of gone) {
          sum += bytes;
          while (time - (gone[start]?.time ?? 0) > 1_000) sum -= gone[start++]?.bytes ?? 0;
          expect(sum).toBeLessThanOrEqual(rate * 1.2 + 1);
        }
        expect(clock.pending).toBe(0);
      },
    ),
    { numRuns: 10 },
  );
});

test("in the long run it is the rate within 1 %, however late timers fire", async () => {
  const clock = virtualClock();
  let late = 0;
  const sloppy = {
    now: clock.now,
    clearTimeout: clock.clearTimeout,
    setTimeout: (callback: () => void, delay: number) => clock.setTimeout(callback, delay + (late++ % 30)),
  };
  const throttle = new Throttle(1_000_000, sloppy);
  let sent = 0;
  const connection = async (): Promise<void> => {
    while (sent < 10e6) {
      await throttle.take(65_536, signal);
      sent += 65_536;
    }
  };
  await clock.run(Promise.all([connection(), connection(), connection()]));
  expect(sent / (clock.now() / 1000) / 1_000_000).toBeGreaterThan(0.99);
  expect(sent / (clock.now() / 1000) / 1_000_000).toBeLessThan(1.01);
});

test("connections take turns, whatever they bring", async () => {
  const clock = virtualClock();
  const throttle = new Throttle(1000, clock);
  const counts = [0, 0, 0];
  const all = counts.map(async (_, index) => {
    for (;;) {
      await throttle.take(10 * (index + 1), signal);
      if (clock.now() > 3_000) return;
      counts[index] = (counts[index] ?? 0) + 1;
    }
  });
  await clock.run(Promise.all(all));
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
});

test("an abort cuts the wait at once with its reason, leaves no timer, and lets the next ones move up", async () => {
  const clock = virtualClock();
  const throttle = new Throttle(1000, clock);
  const log: [number, string][] = [];
  const first = new AbortController();
  const all = [
    at(throttle.take(100_000, first.signal), clock, log, "first"),
    at(throttle.take(1_100, signal), clock, log, "second"),
  ];
  await clock.advance(500);
  first.abort("stop");
  await clock.run(Promise.all(all));
  expect(log).toEqual([
    [500, "stop"],
    [1_000, "second"],
  ]);
  const reason = new Error("stopped before");
  await expect(throttle.take(1, AbortSignal.abort(reason))).rejects.toBe(reason);
  const last = new AbortController();
  const alone = at(throttle.take(1_000_000, last.signal), clock, log);
  expect(clock.pending).toBe(1);
  last.abort("stop");
  expect(clock.pending).toBe(0);
  await alone;
});

test("a pause holds everything without a timer, and is not made up for", async () => {
  for (const rate of [1000, Infinity]) {
    const clock = virtualClock();
    const throttle = new Throttle(rate, clock);
    await throttle.take(100, signal);
    throttle.pause();
    throttle.pause();
    expect(throttle.paused).toBe(true);
    const log: [number, string][] = [];
    const all = [1, 2, 3].map((index) => at(throttle.take(100, signal), clock, log, String(index)));
    await clock.advance(60_000);
    expect(log).toEqual([]);
    expect(clock.pending).toBe(0);
    throttle.resume();
    throttle.resume();
    expect(throttle.paused).toBe(false);
    await clock.run(Promise.all(all));
    const step = rate === Infinity ? 0 : 100;
    expect(log).toEqual([
      [60_000, "1"],
      [60_000 + step, "2"],
      [60_000 + 2 * step, "3"],
    ]);
    await throttle.take(0, signal);
    expect(clock.pending).toBe(0);
  }
});

test("a pause stops a wait that has begun", async () => {
  const clock = virtualClock();
  const throttle = new Throttle(1000, clock);
  const log: [number, string][] = [];
  const all = [at(throttle.take(1_100, signal), clock, log)];
  await clock.advance(500);
  throttle.pause();
  expect(clock.pending).toBe(0);
  await clock.advance(200);
  throttle.resume();
  expect(clock.pending).toBe(1);
  await clock.run(Promise.all(all));
  expect(log).toEqual([[1_700, "gone"]]);
});

test("an abort while paused is at once", async () => {
  const clock = virtualClock();
  const throttle = new Throttle(Infinity, clock);
  const controller = new AbortController();
  throttle.pause();
  const held = throttle.take(1, controller.signal);
  controller.abort(new Error("stop"));
  await expect(held).rejects.toBe(controller.signal.reason);
  throttle.resume();
  await throttle.take(1, signal);
});

test("without a rate nothing waits", async () => {
  const clock = virtualClock();
  const throttle = new Throttle(Infinity, clock);
  for (let turn = 0; turn < 1000; turn += 1) await throttle.take(1e9, signal);
  expect(clock.now()).toBe(0);
});

test("a rate that is none is refused", () => {
  expect(createThrottle(1.5).paused).toBe(false);
  for (const rate of [0, -1, Number.NaN]) {
    expect(() => createThrottle(rate)).toThrow(
      new RangeError(`Cannot create a throttle: "bytesPerSecond" must be a positive number, received ${rate}`),
    );
  }
  expect(() => createThrottle("1" as unknown as number)).toThrow(
    new TypeError('Cannot create a throttle: "bytesPerSecond" must be a positive number, received string'),
  );
});
