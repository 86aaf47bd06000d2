import { virtualClock } from "@sluice/retry/testing";
import { describe, expect, test } from "vitest";
import { BadReplyError, type PollState, poll, type Snapshot, type Task, waitFor } from "./index.ts";

const running: Snapshot = { state: "running" };
const succeeded: Snapshot = { state: "succeeded", result: 42 };

function counting(clock: { now(): number }, answer: (attempt: number) => Snapshot | Promise<Snapshot> = () => running) {
  const reads: number[] = [];
  const attempts: number[] = [];
  const task: Task = {
    id: "job-1",
    async read({ attempt }) {
      reads.push(clock.now());
      attempts.push(attempt);
      return answer(attempt);
    },
  };
  return { task, reads, attempts };
}
const settledWith = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

describe("poll().toJSON()", () => {
  test("is plain JSON, at any moment", async () => {
    const clock = virtualClock(1000);
    const { task } = counting(clock);
    const followed = poll({ ...task, provider: "test" }, { clock, deadline: 60_000, random: () => 1 });
    const iterator = followed[Symbol.asyncIterator]();
    const common = { version: 1, id: "job-1", provider: "test", started: 1000, deadline: 61_000 };
    expect(JSON.parse(JSON.stringify(followed))).toEqual({ ...common, attempts: 0, due: 1000 });
    await clock.run(iterator.next());
    expect(JSON.parse(JSON.stringify(followed))).toEqual({ ...common, attempts: 1, due: 1500 });
    expect(JSON.parse(JSON.stringify(poll(task, { clock })))).not.toHaveProperty("deadline");
  });

  test("is taken up with the same deadline, attempts and plan", async () => {
    const clock = virtualClock(1000);
    const before = counting(clock, (attempt) => ({
      state: "running",
      ...(attempt === 6 ? { retryAfter: 20_000 } : {}),
    }));
    const first = poll(before.task, { clock, deadline: 60_000, random: () => 1 });
    await clock.run(
      (async () => {
        for await (const _ of first) if (before.reads.length === 6) break;
      })(),
    );
    const state: PollState = JSON.parse(JSON.stringify(first));
    expect(state.attempts).toBe(6);

    await clock.advance(3000);
    const after = counting(clock);
    const outcome = settledWith(waitFor(after.task, { clock, resume: state, random: () => 1 }));
    expect(await clock.run(outcome)).toMatchObject({ code: "deadline", deadline: 60_000, state: { started: 1000 } });
    expect(clock.now()).toBe(61_000);
    expect(after.attempts[0]).toBe(7);
    // The server's hint still holds, and so does the growth of the interval.
    expect(after.reads[0]).toBeGreaterThanOrEqual((before.reads[5] ?? 0) + 20_000);
  });

  test("without a deadline takes one that counts from the start of the first", async () => {
    const clock = virtualClock(1000);
    const { task } = counting(clock);
    const state = poll(task, { clock }).toJSON();
    await clock.advance(5000);
    await clock.run(settledWith(waitFor(task, { clock, resume: state, deadline: 20_000 })));
    expect(clock.now()).toBe(21_000);
  });

  test("whose deadline has passed meanwhile reads nothing", async () => {
    const clock = virtualClock();
    const { task, reads } = counting(clock);
    const state = poll(task, { clock, deadline: 1000 }).toJSON();
    await clock.advance(5000);
    expect(await settledWith(waitFor(task, { clock, resume: state }))).toHaveProperty("code", "deadline");
    expect(reads).toEqual([]);
  });

  test.each<[string, object, string]>([
    ["a newer version", { version: 2 }, '"version" must be 1, received 2'],
    ["none", { version: undefined }, '"version" must be 1, received undefined'],
    ["another task", { id: "job-2" }, '"id" must be "job-1", received "job-2"'],
    ["another provider", { provider: "other" }, '"provider" must be undefined, received "other"'],
  ])("of %s is refused at once", (_, wrong, message) => {
    const { task } = counting(virtualClock());
    const resume = { ...poll(task).toJSON(), ...wrong } as PollState;
    const call = () => waitFor(task, { resume });
    expect(call).toThrow(RangeError);
    expect(call).toThrow(`Cannot resume the poll: ${message}`);
  });

  test.each([null, "done", 7, []])("of %j is refused at once", (resume) => {
    const { task } = counting(virtualClock());
    expect(() => poll(task, { resume: resume as never })).toThrow(RangeError);
  });

  test.each<[string, object, typeof TypeError | typeof RangeError]>([
    ["started", { started: undefined }, TypeError],
    ["started", { started: null }, TypeError],
    ["attempts", { attempts: -1 }, RangeError],
    ["due", { due: "soon" }, TypeError],
    ["deadline", { deadline: Number.NaN }, RangeError],
  ])("with a %s that is none is refused at once: %j", (name, wrong, kind) => {
    const { task } = counting(virtualClock());
    const resume = { ...poll(task).toJSON(), ...wrong } as PollState;
    const call = () => waitFor(task, { resume });
    expect(call).toThrow(kind);
    expect(call).toThrow(`Cannot resume the poll: "${name}" must be a finite number >= 0, received`);
  });
});

describe("poll().notify()", () => {
  test.each<[string, number]>([
    ["a sleep", 300],
    ["a read", 600],
  ])("ends %s and the poll at once", async (_, time) => {
    const clock = virtualClock();
    const { task, reads } = counting(clock, (attempt) => (attempt === 1 ? running : new Promise(() => {})));
    const followed = poll(task, { clock, random: () => 1 });
    const all = Array.fromAsync(followed);
    await clock.advance(time);
    followed.notify(succeeded);
    expect(await all).toEqual([running, succeeded]);
    expect([clock.now(), clock.pending]).toEqual([time, 0]);
    expect(reads.length).toBe(time > 500 ? 2 : 1);
  });

  test("waits for whoever asks later", async () => {
    const clock = virtualClock();
    const { task, reads } = counting(clock);
    const followed = poll(task, { clock });
    followed.notify(succeeded);
    expect(await Array.fromAsync(followed)).toEqual([succeeded]);
    expect(reads).toEqual([]);
  });

  test("advances a poll, and makes its next read no earlier than it was planned", async () => {
    const clock = virtualClock();
    const { task, reads } = counting(clock, (attempt) =>
      attempt < 2 ? { ...running, retryAfter: 60_000 } : succeeded,
    );
    const followed = poll(task, { clock, random: () => 0 });
    const all = Array.fromAsync(followed);
    await clock.advance(20_000);
    followed.notify({ state: "running", progress: 0.5 });
    expect((await clock.run(all)).map(({ progress }) => progress)).toEqual([undefined, 0.5, undefined]);
    expect(reads).toEqual([0, 60_000]);
  });

  test("ignores what comes after the end", async () => {
    const clock = virtualClock();
    const { task } = counting(clock, () => succeeded);
    const followed = poll(task, { clock });
    const all = await clock.run(Array.fromAsync(followed));
    followed.notify(running);
    followed.notify({ state: "failed" });
    followed.notify(null as never);
    expect([...all, ...(await Array.fromAsync(followed))]).toEqual([succeeded]);
    const twice = poll(task, { clock });
    twice.notify({ state: "canceled" });
    twice.notify(running);
    expect(await Array.fromAsync(twice)).toEqual([{ state: "canceled" }]);
  });

  test("prefers an end that was received to a read's older answer", async () => {
    const clock = virtualClock();
    let answer: (snapshot: Snapshot) => void = () => {};
    const { task } = counting(clock, () => new Promise((resolve) => (answer = resolve)));
    for (let ticks = 0; ticks < 12; ticks += 1) {
      const followed = poll(task, { clock });
      const all = Array.fromAsync(followed);
      await clock.advance(0);
      answer(running);
      for (let tick = 0; tick < ticks; tick += 1) await null;
      followed.notify(succeeded);
      expect((await clock.run(all)).at(-1)).toEqual(succeeded);
      expect(clock.pending).toBe(0);
    }
  });

  test("throws at what is no snapshot, and the poll goes on", async () => {
    const clock = virtualClock();
    const { task } = counting(clock, (attempt) => (attempt < 3 ? running : succeeded));
    const followed = poll(task, { clock });
    const all = Array.fromAsync(followed);
    await clock.advance(100);
    expect(() => followed.notify("done" as never)).toThrow(BadReplyError);
    expect((await clock.run(all)).length).toBe(3);
  });
});
