import { type VirtualClock, virtualClock } from "@sluice/retry/testing";
import { adopt, type StreamFamily } from "@sluice/streams";
import * as ponyfill from "@sluice/streams/ponyfill";
import { describe, expect, test } from "vitest";
import {
  type PollState,
  PollStream,
  type PollStreamOptions,
  poll,
  type Settled,
  type Snapshot,
  type Task,
} from "./index.ts";

/** A task that runs for so long, and then is what it is. */
function lasting(clock: VirtualClock, id: string, time: number, end: Partial<Snapshot> = {}, more: Partial<Task> = {}) {
  const start = clock.now();
  const reads: number[] = [];
  const task: Task = {
    id,
    async read() {
      reads.push(clock.now());
      return clock.now() - start < time ? { state: "running" } : { state: "succeeded", result: id, ...end };
    },
    ...more,
  };
  return { task, reads };
}

async function collect<T>(stream: ReadableStream<T>): Promise<T[]> {
  const all: T[] = [];
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) all.push(next.value);
  return all;
}

function run(clock: VirtualClock, tasks: Task[], options: PollStreamOptions = {}): Promise<Settled[]> {
  const { streams } = options;
  return clock.run(collect(adopt(tasks, streams).pipeThrough(new PollStream({ clock, random: () => 1, ...options }))));
}

const families: [string, StreamFamily][] = [
  ["native streams", globalThis],
  ["ponyfilled streams", ponyfill],
];

describe.each(families)("PollStream on %s", (_, streams) => {
  test("gives each task's end, in the order in which they settle", async () => {
    const clock = virtualClock();
    const times = [9000, 100, 5000, 0, 2000];
    const tasks = times.map((time) => lasting(clock, `after ${time}`, time).task);
    const settled = await run(clock, tasks, { streams });
    expect(settled.map(({ result }) => result)).toEqual([
      "after 0",
      "after 100",
      "after 2000",
      "after 5000",
      "after 9000",
    ]);
    for (const { task, result, state } of settled) {
      expect(task).toBe(tasks.find(({ id }) => id === result));
      expect(state).toBe("succeeded");
    }
    expect(clock.pending).toBe(0);
  });

  test("is not poisoned by tasks that fail in any way", async () => {
    const clock = virtualClock();
    const bug = new Error("bug");
    const busy = Object.assign(new Error("busy"), { retryable: true });
    const tasks: Task[] = [
      { id: "fails", read: async () => ({ state: "failed", error: "no GPU" }) },
      { id: "canceled", read: async () => ({ state: "canceled" }) },
      { id: "rejects", read: () => Promise.reject(bug) },
      {
        id: "throws",
        read() {
          throw bug;
        },
      },
      { id: "bad", read: async () => null as never },
      { id: "hangs", read: () => new Promise(() => {}) },
      { id: "busy", read: () => Promise.reject(busy) },
      lasting(clock, "runs", Infinity).task,
      lasting(clock, "good", 3000).task,
    ];
    const settled = await run(clock, tasks, { streams, deadline: 600_000, readTimeout: 1000 });
    const byId = Object.fromEntries(settled.map((each) => [each.task.id, each]));
    expect(Object.keys(byId).length).toBe(tasks.length);
    expect(byId).toMatchObject({
      fails: { state: "failed", error: "no GPU" },
      canceled: { state: "canceled" },
      rejects: { state: "failed", error: bug, pending: { id: "rejects", attempts: 1 } },
      throws: { state: "failed", error: bug, pending: {} },
      bad: { state: "failed", error: { code: "bad-reply" }, pending: {} },
      hangs: { state: "failed", error: { code: "stalled" }, pending: { attempts: 10 } },
      busy: { state: "failed", error: busy, pending: { attempts: 10 } },
      runs: { state: "failed", error: { code: "deadline", deadline: 600_000 }, pending: { deadline: 600_000 } },
      good: { state: "succeeded", result: "good" },
    });
    expect(byId["fails"]).not.toHaveProperty("pending");
    expect(clock.pending).toBe(0);
  });

  test("accepts as many tasks as may be in flight, and no more, until they are read", async () => {
    const clock = virtualClock();
    let begun = 0;
    const stage = new PollStream({ clock, inFlight: 3, streams });
    const writer = stage.writable.getWriter();
    let accepted = 0;
    for (let index = 0; index < 10; index += 1) {
      const read: Task["read"] = async ({ attempt }) => {
        if (attempt === 1) begun += 1;
        return { state: "succeeded" };
      };
      writer.write({ id: `${index}`, read }).then(
        () => {
          accepted += 1;
        },
        () => {},
      );
    }
    const reader = stage.readable.getReader();
    await clock.advance(60_000);
    expect([accepted, begun]).toEqual([3, 3]);
    await clock.run(reader.read());
    await clock.advance(60_000);
    expect([accepted, begun]).toEqual([4, 4]);
    for (let index = 0; index < 9; index += 1) await clock.run(reader.read());
    expect([accepted, begun]).toEqual([10, 10]);
    await writer.close();
    expect(await reader.read()).toMatchObject({ done: true });
  });

  test("closes at once without tasks, and not before the last one settled", async () => {
    const clock = virtualClock();
    expect(await run(clock, [], { streams })).toEqual([]);
    const stage = new PollStream({ clock, streams });
    const writer = stage.writable.getWriter();
    await writer.write(lasting(clock, "a", 1000).task);
    let closed = false;
    const close = writer.close().then(() => {
      closed = true;
    });
    await clock.advance(900);
    expect(closed).toBe(false);
    await clock.run(close);
    expect((await collect(stage.readable)).length).toBe(1);
  });

  describe.each(["writer.abort", "readable.cancel", "signal", "a write of no task"])("ended by %s", (way) => {
    test.each([0, 1, 2, 5, 700, 60_000])("stops everything at once, after %d ms or turns", async (time) => {
      for (const cancelOnAbort of [true, false]) {
        const clock = virtualClock();
        const controller = new AbortController();
        const reason = way === "a write of no task" ? expect.any(TypeError) : new Error("stop");
        const options = {
          clock,
          streams,
          inFlight: 3,
          concurrency: 2,
          rate: 10,
          cancelOnAbort,
          signal: controller.signal,
        };
        const stage = new PollStream(options);
        let canceled = 0;
        const cancel = async () => {
          canceled += 1;
        };
        const signals: AbortSignal[] = [];
        const hang: Task["read"] = ({ signal }) => {
          signals.push(signal);
          return new Promise(() => {});
        };
        const tasks = [
          lasting(clock, "runs", Infinity, {}, { cancel }).task,
          { id: "hangs", read: hang, cancel },
          ...Array.from({ length: 3 }, (_, index) => ({ id: `${index}`, read: hang, cancel })),
        ];
        const writer = stage.writable.getWriter();
        const reader = stage.readable.getReader();
        const writes = (way.startsWith("a write") ? tasks.slice(0, 2) : tasks).map((task) => writer.write(task));
        const pending = [...writes, reader.read(), reader.closed, writer.closed];
        for (const promise of pending) promise.catch(() => {});
        if (time < 10) for (let turn = 0; turn < time; turn += 1) await null;
        else await clock.advance(time);

        const ways: Record<string, () => unknown> = {
          "writer.abort": () => writer.abort(reason),
          "readable.cancel": () => reader.cancel(reason),
          signal: () => controller.abort(reason),
          "a write of no task": () => writer.write(null as never).catch(() => {}),
        };
        const end = ways[way]?.();
        await clock.run(Promise.allSettled([...pending, end]));
        await clock.advance(10_000);
        expect(clock.pending).toBe(0);
        for (const signal of signals) expect(signal.aborted).toBe(true);
        const begun = canceled;
        if (time > 10) expect(begun).toBe(cancelOnAbort ? (way.startsWith("a write") ? 2 : 3) : 0);
        await expect(writer.closed).rejects.toEqual(reason);
        if (way !== "readable.cancel") await expect(reader.closed).rejects.toEqual(reason);
      }
    });
  });
});

describe("PollStream tasks of the same provider and id", () => {
  test("share their reads, and each has its own end", async () => {
    const clock = virtualClock();
    const [a, b, alone] = [lasting(clock, "same", 5000), lasting(clock, "same", 5000), lasting(clock, "same", 5000)];
    const tasks = [a.task, b.task, a.task, { ...alone.task, provider: "other" }];
    const settled = await run(clock, tasks);
    expect(new Set(settled.map(({ task }) => task))).toEqual(new Set(tasks));
    expect(settled.length).toBe(4);
    expect(b.reads).toEqual([]);
    expect(a.reads).toEqual(alone.reads);
  });

  test("have a deadline each, and the remote task is cancelled when the last one passed", async () => {
    const clock = virtualClock();
    const canceled: number[] = [];
    const cancel = async () => void canceled.push(clock.now());
    const { task, reads } = lasting(clock, "same", Infinity, {}, { cancel });
    const stage = new PollStream({ clock, deadline: 10_000, cancelOnDeadline: true, random: () => 1 });
    const writer = stage.writable.getWriter();
    const ends: [number, PollState | undefined][] = [];
    const all = (async () => {
      for await (const { pending } of stage.readable) ends.push([clock.now(), pending]);
    })();
    for (let index = 0; index < 3; index += 1) {
      await writer.write({ ...task });
      await clock.advance(3000);
    }
    const close = writer.close();
    await clock.run(all);
    await close;
    expect(ends).toMatchObject([
      [10_000, { started: 0, deadline: 10_000 }],
      [13_000, { started: 3000, deadline: 13_000 }],
      [16_000, { started: 6000, deadline: 16_000 }],
    ]);
    expect(canceled).toEqual([16_000]);
    expect(ends.at(-1)?.[1]?.attempts).toBe(reads.length);
  });

  test("are followed anew once they have settled", async () => {
    const clock = virtualClock();
    const { task, reads } = lasting(clock, "same", 0);
    const stage = new PollStream({ clock });
    const writer = stage.writable.getWriter();
    const reader = stage.readable.getReader();
    for (let round = 1; round <= 3; round += 1) {
      await writer.write(task);
      await clock.run(reader.read());
      expect(reads.length).toBe(round);
    }
  });
});

describe("PollStream", () => {
  test("writes down what it did not see the end of, for poll to go on with", async () => {
    const clock = virtualClock();
    const { task } = lasting(clock, "long", 20_000);
    const [settled] = await run(clock, [task], { deadline: 5000 });
    const resume = { ...(settled?.pending as PollState), deadline: 60_000 };
    const rest = await clock.run(Array.fromAsync(poll(task, { clock, resume })));
    expect(rest.at(-1)).toEqual({ state: "succeeded", result: "long" });
  });

  test("calls onSnapshot and onEvent for all tasks", async () => {
    const clock = virtualClock();
    const busy = Object.assign(new Error("busy"), { retryable: true });
    const read: Task["read"] = async ({ attempt }) => (attempt === 1 ? Promise.reject(busy) : { state: "succeeded" });
    const seen: string[] = [];
    await run(clock, [{ id: "a", read }, lasting(clock, "b", 100).task], {
      onSnapshot: ({ state }, { id }) => void seen.push(`${id} ${state}`),
      onEvent: ({ type, id }) => void seen.push(`${id} ${type}`),
    });
    expect(seen.sort()).toEqual(["a retry", "a succeeded", "b running", "b succeeded"]);
  });

  test.each([1, 3, 64])("has at most %d reads at once", async (concurrency) => {
    const clock = virtualClock();
    let most = 0;
    let reading = 0;
    const tasks = Array.from(
      { length: 50 },
      (_, index): Task => ({
        id: `${index}`,
        async read({ attempt }) {
          reading += 1;
          most = Math.max(most, reading);
          await new Promise<void>((resolve) => clock.setTimeout(resolve, 70));
          reading -= 1;
          return { state: attempt < 3 ? "running" : "succeeded" };
        },
      }),
    );
    expect((await run(clock, tasks, { concurrency })).length).toBe(50);
    expect(most).toBe(Math.min(50, concurrency));
  });

  test.each([0.5, 3, 40, 1000])("reads at most %d times a second, failed reads included", async (rate) => {
    const clock = virtualClock();
    const reads: number[] = [];
    const busy = Object.assign(new Error("busy"), { retryable: true });
    const tasks = Array.from(
      { length: Math.max(5, rate) },
      (_, index): Task => ({
        id: `${index}`,
        async read({ attempt }) {
          reads.push(clock.now());
          if (attempt % 2) throw busy;
          return { state: attempt < 4 ? "running" : "succeeded" };
        },
      }),
    );
    expect((await run(clock, tasks, { rate })).length).toBe(tasks.length);
    // In no second more than that, one to start with, and what 20 ms of a late timer may catch up.
    for (let from = 0, to = 0; to < reads.length; to += 1) {
      while ((reads[to] ?? 0) - (reads[from] ?? 0) > 1000) from += 1;
      expect(to - from + 1).toBeLessThanOrEqual(rate * 1.02 + 2);
    }
    expect(reads.length / clock.now()).toBeGreaterThan((rate / 1000) * 0.5);
  });
});
