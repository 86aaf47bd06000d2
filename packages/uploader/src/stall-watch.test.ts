import { virtualClock } from "@sluice/retry/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { watchAttempt } from "./stall-watch.ts";
import { StalledError } from "./stalled-error.ts";

const never = new AbortController().signal;

test("an attempt of which no byte moves is cut after stallTimeout, to the millisecond", async () => {
  const clock = virtualClock(5);
  const watch = watchAttempt({ clock, stallTimeout: 30_000, signal: never });
  await clock.advance(10_000);
  watch.moved();
  await clock.advance(29_999);
  expect(watch.signal.aborted).toBe(false);
  await clock.advance(1);
  expect(watch.signal.reason).toBeInstanceOf(StalledError);
  expect(watch.signal.reason).toMatchObject({ code: "stalled", retryable: true, limit: "stall", timeout: 30_000 });
  expect(watch.signal.reason.message).toBe(
    'Cannot send the part: not a byte of it moved for 30000 ms. Check the connection, or raise "stallTimeout".',
  );
  expect(clock.pending).toBe(0);
});

test("one that is blind has its deadline instead", async () => {
  const clock = virtualClock();
  const watch = watchAttempt({ clock, stallTimeout: 30_000, signal: never });
  await clock.advance(20_000);
  watch.blind(45_000);
  expect(clock.pending).toBe(1);
  await clock.advance(44_999);
  watch.moved();
  expect(watch.signal.aborted).toBe(false);
  await clock.advance(1);
  expect(watch.signal.reason).toMatchObject({ code: "stalled", limit: "deadline", timeout: 45_000 });
  expect(clock.pending).toBe(0);
});

test("the caller's reason goes through as it is", async () => {
  const clock = virtualClock();
  const reason = { why: "because" };
  const before = watchAttempt({ clock, stallTimeout: 1, signal: AbortSignal.abort(reason) });
  expect(before.signal.reason).toBe(reason);
  const controller = new AbortController();
  const watch = watchAttempt({ clock, stallTimeout: 1_000, signal: controller.signal });
  expect(clock.pending).toBe(1);
  controller.abort(reason);
  expect(watch.signal.reason).toBe(reason);
  expect(clock.pending).toBe(0);
});

test("disposed of, it leaves no timer and no listener, and hears nothing any more", async () => {
  const clock = virtualClock();
  const listeners = new Set<unknown>();
  const controller = new AbortController();
  const { signal } = controller;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (type: string, listener: EventListenerOrEventListenerObject) => {
    listeners.add(listener);
    add(type, listener);
  };
  signal.removeEventListener = (type: string, listener: EventListenerOrEventListenerObject) => {
    listeners.delete(listener);
    remove(type, listener);
  };
  const watch = watchAttempt({ clock, stallTimeout: 1_000, signal });
  expect([clock.pending, listeners.size]).toEqual([1, 1]);
  watch.hold();
  watch.dispose();
  watch.dispose();
  expect([clock.pending, listeners.size]).toEqual([0, 0]);
  watch.moved();
  watch.release();
  await clock.advance(60_000);
  controller.abort();
  expect(watch.signal.aborted).toBe(false);
  expect(clock.pending).toBe(0);
});

test("while it is held, time stands still for both limits, until as many releases", async () => {
  for (const blind of [false, true]) {
    const clock = virtualClock();
    const watch = watchAttempt({ clock, stallTimeout: 1_000, signal: never });
    if (blind) watch.blind(1_000);
    await clock.advance(400);
    watch.hold();
    await clock.advance(10_000);
    // Nothing to wait for, no timer.
    expect(clock.pending).toBe(0);
    watch.hold();
    watch.release();
    await clock.advance(10_000);
    watch.release();
    await clock.advance(599);
    expect(watch.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(watch.signal.reason).toMatchObject({ limit: blind ? "deadline" : "stall" });
  }
});

test("it may become blind while it is held", async () => {
  const clock = virtualClock();
  const watch = watchAttempt({ clock, stallTimeout: 1_000, signal: never });
  watch.hold();
  await clock.advance(5_000);
  watch.blind(2_000);
  await clock.advance(5_000);
  watch.release();
  await clock.advance(1_999);
  expect(watch.signal.aborted).toBe(false);
  await clock.advance(1);
  expect(watch.signal.aborted).toBe(true);
});

test("released after its end, it stays over", async () => {
  const clock = virtualClock();
  const over = watchAttempt({ clock, stallTimeout: 1_000, signal: never });
  over.hold();
  await clock.advance(5_000);
  over.dispose();
  over.release();
  expect(clock.pending).toBe(0);
});

test("without limits it waits on and on, and never longer than a timer can", async () => {
  const clock = virtualClock();
  const watch = watchAttempt({ clock, stallTimeout: Infinity, signal: never });
  expect(clock.pending).toBe(1);
  await clock.advance(5e9);
  expect(watch.signal.aborted).toBe(false);
});

test("chunks set no timers", async () => {
  const clock = virtualClock();
  let timers = 0;
  const counting = {
    ...clock,
    now: clock.now,
    setTimeout: (callback: () => void, delay: number) => {
      timers += 1;
      return clock.setTimeout(callback, delay);
    },
  };
  const watch = watchAttempt({ clock: counting, stallTimeout: 30_000, signal: never });
  for (let chunk = 0; chunk < 300; chunk += 1) {
    await clock.advance(300);
    watch.moved();
    watch.hold();
    watch.release();
  }
  // 90 s of them.
  expect(timers).toBeLessThanOrEqual(5);
});

test("whatever moves, holds and releases: it is cut exactly when the time that counts is up", async () => {
  const step = fc.record({
    wait: fc.integer({ min: 0, max: 60 }),
    what: fc.constantFrom("moved", "moved", "hold", "release", "blind"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const clock = virtualClock();
      const watch = watchAttempt({ clock, stallTimeout: 50, signal: never });
      let left = 50;
      let holds = 0;
      let blind = false;
      for (const { wait, what } of [...steps, { wait: 60, what: "moved" }]) {
        if (holds === 0) left -= wait;
        await clock.advance(wait);
        expect(watch.signal.aborted).toBe(left <= 0);
        if (left <= 0) break;
        if (what === "hold") {
          holds += 1;
          watch.hold();
        } else if (what === "release" && holds > 0) {
          holds -= 1;
          watch.release();
        } else if (what === "blind") {
          blind = true;
          left = 80;
          watch.blind(80);
        } else if (what === "moved" && holds === 0) {
          if (!blind) left = 50;
          watch.moved();
        }
      }
    }),
    { numRuns: 80 },
  );
});
