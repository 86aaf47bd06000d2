import { describe, expect, test } from "vitest";
import { virtualClock } from "./testing.ts";

describe("virtualClock()", () => {
  test("fires timers in the order of their time, then of their making, at that time", async () => {
    const clock = virtualClock(1000);
    const fired: string[] = [];
    for (const [name, delay] of [
      ["b", 20],
      ["a", 10],
      ["c", 20],
    ] as const) {
      clock.setTimeout(() => fired.push(`${name}@${clock.now()}`), delay);
    }
    await clock.advance(19);
    expect(fired).toEqual(["a@1010"]);
    await clock.advance(1);
    expect(fired).toEqual(["a@1010", "b@1020", "c@1020"]);
    expect([clock.now(), clock.pending]).toEqual([1020, 0]);
  });

  test("lets a timer's consequences run before the next one", async () => {
    const clock = virtualClock();
    const seen: number[] = [];
    const step = async (): Promise<void> => {
      await new Promise<void>((resolve) => clock.setTimeout(resolve, 5));
      for (let i = 0; i < 100; i++) await null;
      seen.push(clock.now());
      if (seen.length < 3) await step();
    };
    await clock.run(step());
    expect(seen).toEqual([5, 10, 15]);
  });

  test("forgets cleared timers", async () => {
    const clock = virtualClock();
    clock.clearTimeout(clock.setTimeout(() => expect.unreachable(), 1));
    expect(clock.pending).toBe(0);
    await clock.advance(10);
  });

  test.each([2 ** 31, Infinity, Number.NaN, -1])("fires a delay of %d at once, as the platform does", async (delay) => {
    const clock = virtualClock();
    let fired = false;
    clock.setTimeout(() => {
      fired = true;
    }, delay);
    await clock.advance(0);
    expect(fired).toBe(true);
  });

  test("run() settles like its promise, and says so when nothing is left to wait for", async () => {
    const clock = virtualClock();
    const error = new Error("mine");
    await expect(clock.run(Promise.reject(error))).rejects.toBe(error);
    await expect(clock.run(new Promise(() => {}))).rejects.toThrow("no timer is left");
  });
});
