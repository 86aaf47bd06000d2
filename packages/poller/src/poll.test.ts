import { virtualClock } from "@sluice/retry/testing";
import { describe, expect, test } from "vitest";
import {
  BadReplyError,
  PollDeadlineError,
  type PollEvent,
  type PollOptions,
  poll,
  type Snapshot,
  StalledError,
  type Task,
} from "./index.ts";

type Answer = Snapshot | Error | (() => unknown) | "never";
const busy = (extra: object = {}): Error => Object.assign(new Error("busy"), { retryable: true, ...extra });
const gone = (status = 404): Error => Object.assign(new Error("no such task"), { status, retryable: false });
const running: Snapshot = { state: "running" };
const succeeded: Snapshot = { state: "succeeded", result: 42 };

/** A task that gives one answer after the other, and the last one for ever; and when it was asked. */
function scripted(answers: Answer[], clock: { now(): number }, more: Partial<Task> = {}) {
  const reads: number[] = [];
  const signals: AbortSignal[] = [];
  const task: Task = {
    id: "job-1",
    provider: "test",
    async read({ signal }) {
      const answer = answers[Math.min(reads.length, answers.length - 1)];
      reads.push(clock.now());
      signals.push(signal);
      if (answer === "never") return new Promise(() => {});
      if (answer instanceof Error) throw answer;
      return (typeof answer === "function" ? answer() : answer) as Snapshot;
    },
    ...more,
  };
  return { task, reads, signals };
}

/** Follows a scripted task to its end in virtual time. */
async function observe(answers: Answer[], options: PollOptions = {}, more: Partial<Task> = {}) {
  const clock = virtualClock(1_000_000);
  const events: PollEvent[] = [];
  const script = scripted(answers, clock, more);
  const followed = poll(script.task, {
    clock,
    random: () => 1,
    onEvent: (event) => void events.push(event),
    ...options,
  });
  const snapshots: Snapshot[] = [];
  const outcome = await clock.run(
    (async () => {
      for await (const snapshot of followed) snapshots.push(snapshot);
      return {};
    })().catch((error: unknown) => ({ error })),
  );
  expect(clock.pending).toBe(0);
  const waits = script.reads.map((at, index) => at - (script.reads[index - 1] ?? at)).slice(1);
  return { ...script, ...outcome, snapshots, events, waits, followed, elapsed: clock.now() - 1_000_000 };
}

describe("poll() schedule", () => {
  test("reads at once, then ever more rarely up to the cap, and ends with the final snapshot", async () => {
    const seen = await observe([...Array<Answer>(11).fill(running), succeeded]);
    expect(seen.reads[0]).toBe(1_000_000);
    expect(seen.waits.slice(0, 4)).toEqual([500, 750, 1125, 1687.5]);
    expect(seen.waits.slice(-3)).toEqual([10_000, 10_000, 10_000]);
    expect(seen.snapshots).toEqual([...Array(11).fill(running), succeeded]);
  });

  test("has jitter at the cap, too, and never more than half", async () => {
    let draws = 0;
    const seen = await observe([...Array<Answer>(30).fill(running), succeeded], { random: () => (draws++ % 10) / 10 });
    const atCap = seen.waits.slice(12);
    expect(Math.min(...atCap)).toBe(5000);
    expect(Math.max(...atCap)).toBe(9500);
    expect(new Set(atCap).size).toBe(10);
  });

  test.each<[string, PollOptions, number[]]>([
    ["interval", { interval: 20_000 }, [20_000, 20_000, 20_000]],
    ["maxInterval", { maxInterval: 100 }, [100, 100, 100]],
    ["both", { interval: 10, maxInterval: 12 }, [10, 12, 12]],
    ["interval: 0", { interval: 0 }, [0, 0, 0]],
  ])("follows %s", async (_, options, waits) => {
    const seen = await observe([running, running, running, succeeded], options);
    expect(seen.waits).toEqual(waits);
  });

  test("does nothing before it is asked, and nothing between two rounds", async () => {
    const clock = virtualClock();
    const { task, reads } = scripted([running], clock);
    const iterator = poll(task, { clock })[Symbol.asyncIterator]();
    await clock.advance(60_000);
    expect([reads.length, clock.pending]).toEqual([0, 0]);
    await clock.run(iterator.next());
    expect([reads.length, clock.pending]).toEqual([1, 0]);
    await clock.advance(60_000);
    await clock.run(iterator.next());
    expect(reads).toEqual([60_000, 120_000]);
  });
});

describe("poll() hints", () => {
  test("takes a snapshot's retryAfter as a floor, jitter on top, and forgets it with the next", async () => {
    const seen = await observe([{ state: "running", retryAfter: 60_000 }, running, succeeded]);
    expect(seen.waits).toEqual([60_250, 750]);
  });

  test("takes a failed read's as one, too", async () => {
    const seen = await observe([busy({ retryAfter: 60_000 }), running, succeeded], { random: () => 0 });
    expect(seen.waits[0]).toBe(60_000);
    expect(seen.events).toMatchObject([{ type: "retry", id: "job-1", provider: "test", attempt: 1, after: 60_000 }]);
  });

  test.each([-5, Number.NaN, "soon", null])("drops a retryAfter of %o", async (retryAfter) => {
    const seen = await observe([{ ...running, retryAfter } as Snapshot, succeeded]);
    expect(seen.snapshots).toEqual([running, succeeded]);
    expect(seen.waits).toEqual([500]);
  });

  test.each([Infinity, 400 * 86_400_000])("fails on a retryAfter of %d", async (retryAfter) => {
    const seen = await observe([{ ...running, retryAfter }]);
    expect(seen).toHaveProperty("error.code", "bad-reply");
    expect(seen).toHaveProperty("error.message", expect.stringContaining("under a year"));
  });

  test("sleeps longer than a timer can", async () => {
    const month = 30 * 86_400_000;
    const seen = await observe([{ ...running, retryAfter: month }, succeeded], { random: () => 0 });
    expect(seen.waits).toEqual([month]);
  });
});

describe("poll() failed reads", () => {
  test("are tolerated ten in a row, with the backoff of retry, and reported", async () => {
    const error = busy();
    const seen = await observe([error]);
    expect(seen).toHaveProperty("error", error);
    expect(seen.waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(seen.events.map(({ type, attempt }) => [type, attempt])).toEqual(
      Array.from({ length: 9 }, (_, index) => ["retry", index + 1]),
    );
  });

  test("are counted anew after each success", async () => {
    const answers = Array.from({ length: 8 }, () => [busy(), busy(), running]).flat();
    const seen = await observe([...answers, succeeded], { retry: { attempts: 3 } });
    expect(seen.snapshots.at(-1)).toEqual(succeeded);
  });

  test.each<[string, Error, PollOptions]>([
    ["that cannot be retried", new Error("401"), {}],
    ["with retry: false", busy(), { retry: false }],
    ["that the predicate refuses", busy(), { retry: { retryable: () => false } }],
    ["with an empty budget", busy(), { retry: { budget: { tokens: 0, spend: () => false, refund() {} } } }],
  ])("%s end the poll with the error itself", async (_, error, options) => {
    const seen = await observe([running, error], options);
    expect(seen).toHaveProperty("error", error);
    expect(seen.reads.length).toBe(2);
  });

  test("may be thrown synchronously", async () => {
    const error = new Error("bug");
    const read = () => {
      throw error;
    };
    expect(await observe([], {}, { read })).toHaveProperty("error", error);
  });

  test("are those that never settle, too", async () => {
    const seen = await observe(["never", succeeded], { random: () => 0 });
    expect(seen.snapshots).toEqual([succeeded]);
    expect(seen.waits).toEqual([60_000]);
    expect(seen.signals[0]?.reason).toMatchObject({ code: expect.any(String) });
    expect(seen.events).toMatchObject([{ type: "retry", error: expect.any(StalledError) }]);
    const forEver = await observe(["never"], { readTimeout: 100, retry: { attempts: 2 } });
    expect(forEver).toHaveProperty("error.code", "stalled");
    expect(forEver).toHaveProperty("error.retryable", true);
  });

  test("give their callback's own error", async () => {
    const thrown = new Error("mine");
    const fail = () => {
      throw thrown;
    };
    expect(await observe([busy()], { onEvent: fail })).toHaveProperty("error", thrown);
    expect(await observe([running], { onSnapshot: fail })).toHaveProperty("error", thrown);
    expect(await observe([busy()], { retry: { retryable: fail } })).toHaveProperty("error", thrown);
  });
});

describe("poll() of a task that is not known yet", () => {
  test.each([404, 422])("takes %d for queued while the grace lasts", async (status) => {
    const error = gone(status);
    const seen = await observe([error, error, running, succeeded]);
    expect(seen.snapshots).toEqual([{ state: "queued", error }, { state: "queued", error }, running, succeeded]);
  });

  test("fails with the error itself when it is over", async () => {
    const error = gone();
    const seen = await observe([error], { grace: 3000 });
    expect(seen).toHaveProperty("error", error);
    expect(seen.elapsed).toBeGreaterThanOrEqual(3000);
    expect((await observe([error], { grace: 0 })).reads.length).toBe(1);
  });

  test("does not stretch it to other errors", async () => {
    expect((await observe([gone(401)])).reads.length).toBe(1);
  });
});

describe("poll() of strange snapshots", () => {
  test("takes an unknown state for running, for ten minutes in a row", async () => {
    const paused = { state: "paused" as "running" };
    const seen = await observe([paused, paused, succeeded]);
    expect(seen.snapshots).toEqual([running, running, succeeded]);
    const forEver = await observe([paused]);
    expect(forEver).toHaveProperty(
      "error.message",
      'Task "job-1" of test gave a bad reply: "state" must be a known string, received paused',
    );
    expect(forEver.elapsed).toBeGreaterThanOrEqual(600_000);
    expect(forEver.elapsed).toBeLessThan(611_000);
    const often = Array.from({ length: 200 }, () => [paused, running]).flat();
    expect((await observe([...often, succeeded])).snapshots.at(-1)).toEqual(succeeded);
  });

  test.each([Number.NaN, -0.1, 1.1, Infinity])("drops a progress of %d", async (progress) => {
    const seen = await observe([{ state: "running", progress, raw: 1 }, succeeded]);
    expect(seen.snapshots[0]).toEqual({ state: "running", raw: 1 });
  });

  test("keeps a good one, and what the caller gave untouched", async () => {
    const given = Object.freeze({ state: "running", progress: 0.5, raw: {} } as const);
    const seen = await observe([given, succeeded]);
    expect(seen.snapshots[0]).toEqual(given);
  });

  test.each([undefined, null, "running", 7, {}, { state: 7 }])("fails on %o", async (value) => {
    const seen = await observe([() => value]);
    expect(seen).toHaveProperty("error", expect.any(BadReplyError));
    expect(seen).toHaveProperty("error.code", "bad-reply");
    expect(seen.reads.length).toBe(1);
  });
});

describe("poll() deadline", () => {
  test("covers everything, and looks once more shortly before", async () => {
    const seen = await observe([running], { deadline: 60_000 });
    expect(seen).toHaveProperty("error", expect.any(PollDeadlineError));
    expect(seen.elapsed).toBe(60_000);
    expect(seen.reads.at(-1)).toBe(1_000_000 + 59_750);
    const error = (seen as { error?: unknown }).error as PollDeadlineError;
    expect(error).toMatchObject({
      code: "deadline",
      retryable: false,
      id: "job-1",
      provider: "test",
      deadline: 60_000,
    });
    expect(error.attempts).toBe(seen.reads.length);
    expect(error.state).toEqual(seen.followed.toJSON());
  });

  test("cuts a read, and says what failed last", async () => {
    const cause = busy();
    const seen = await observe([cause, "never"], { deadline: 5000 });
    expect(seen.elapsed).toBe(5000);
    expect(seen).toHaveProperty("error.cause", cause);
    expect(seen.signals[1]?.aborted).toBe(true);
  });

  test("is not slept past after a failed read, either, and is left alone where the hint does not fit", async () => {
    const tokens: number[] = [];
    const budget = { tokens: 9, spend: () => tokens.push(1) > 0, refund() {} };
    const options = { deadline: 10_000, random: () => 0.9, retry: { base: 60_000, cap: 60_000, budget } };
    const seen = await observe([busy(), succeeded], options);
    expect(seen.waits).toEqual([9000]);
    expect(tokens.length).toBe(1);
    const late = await observe([busy({ retryAfter: 10_000 })], options);
    expect(late).toMatchObject({ elapsed: 10_000, error: { code: "deadline" }, reads: { length: 1 } });
    expect(tokens.length).toBe(1);
  });

  test("of 0 reads nothing; one far away is kept", async () => {
    expect(await observe([running], { deadline: 0 })).toMatchObject({ reads: [], error: { code: "deadline" } });
    const century = 100 * 365 * 86_400_000;
    expect((await observe([running, succeeded], { deadline: century })).snapshots.length).toBe(2);
  });

  test("is not slept past for a hint", async () => {
    const seen = await observe([{ ...running, retryAfter: 3_600_000 }], { deadline: 60_000 });
    expect(seen).toMatchObject({ elapsed: 60_000, error: { code: "deadline" }, reads: { length: 1 } });
    const failed = await observe([busy({ retryAfter: 3_600_000 })], { deadline: 60_000 });
    expect(failed).toMatchObject({ error: { code: "deadline" }, reads: { length: 1 } });
  });

  test("cancels the remote task, once, where asked to", async () => {
    const canceled: unknown[] = [];
    const cancel = async (context: unknown) => void canceled.push(context);
    await observe([running], { deadline: 1000 }, { cancel });
    expect(canceled).toEqual([]);
    const seen = await observe([running], { deadline: 1000, cancelOnDeadline: true }, { cancel });
    expect(canceled).toMatchObject([{ attempt: seen.reads.length, signal: { aborted: false } }]);
    expect(seen.events).toEqual([{ type: "cancel", id: "job-1", provider: "test", attempt: seen.reads.length }]);
    expect(seen).toHaveProperty("error.code", "deadline");
  });

  test.each<[string, () => Promise<void>, number]>([
    ["fails", () => Promise.reject(new Error("too late")), 1000],
    ["never settles", () => new Promise(() => {}), 6000],
    [
      "throws",
      () => {
        throw new Error("too late");
      },
      1000,
    ],
  ])("is told by its error when the cancelling %s", async (_, cancel, elapsed) => {
    const seen = await observe([running], { deadline: 1000, cancelOnDeadline: true }, { cancel });
    expect(seen).toMatchObject({ error: { code: "deadline" }, elapsed, events: [{ type: "cancel", error: {} }] });
  });

  test("does without where the provider has no cancelling", async () => {
    const seen = await observe([running], { deadline: 1000, cancelOnDeadline: true });
    expect(seen).toMatchObject({ error: { code: "deadline" }, elapsed: 1000, events: [] });
  });
});

describe("poll() abort", () => {
  const reason = new Error("stop");

  test.each<[string, Answer[], number]>([
    ["a sleep", [running], 300],
    ["a read", [running, "never"], 600],
    ["a backoff", [running, busy()], 600],
  ])("cuts %s at once, with the reason itself", async (_, answers, time) => {
    const clock = virtualClock();
    const controller = new AbortController();
    const { task, signals } = scripted(answers, clock);
    const iterator = poll(task, { clock, signal: controller.signal, random: () => 1 })[Symbol.asyncIterator]();
    await clock.run(iterator.next());
    const next = iterator.next().catch((error: unknown) => error);
    await clock.advance(time);
    controller.abort(reason);
    expect(await next).toBe(reason);
    expect([clock.now(), clock.pending]).toEqual([time, 0]);
    if (answers[1] === "never") expect(signals[1]?.reason).toBe(reason);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  test("before the start or between two rounds reads nothing more", async () => {
    for (const rounds of [0, 1]) {
      const clock = virtualClock();
      const controller = new AbortController();
      const { task, reads } = scripted([running], clock);
      const iterator = poll(task, { clock, signal: controller.signal })[Symbol.asyncIterator]();
      if (rounds) await clock.run(iterator.next());
      controller.abort(reason);
      await expect(iterator.next()).rejects.toBe(reason);
      expect(reads.length).toBe(rounds);
    }
  });

  test("cancels the remote task, bounded, where asked to", async () => {
    for (const cancelOnAbort of [true, false]) {
      const clock = virtualClock();
      const controller = new AbortController();
      let canceled = 0;
      const cancel = () => {
        canceled += 1;
        return new Promise<void>(() => {});
      };
      const { task } = scripted([running], clock, { cancel });
      const iterator = poll(task, { clock, signal: controller.signal, cancelOnAbort })[Symbol.asyncIterator]();
      await clock.run(iterator.next());
      const next = iterator.next().catch((error: unknown) => error);
      controller.abort(reason);
      expect(await clock.run(next)).toBe(reason);
      expect([clock.now(), canceled, clock.pending]).toEqual(cancelOnAbort ? [5000, 1, 0] : [0, 0, 0]);
    }
  });
});

describe("poll() iteration", () => {
  test("is one row of snapshots for all who iterate", async () => {
    const clock = virtualClock();
    const { task, reads } = scripted([running, running, succeeded], clock);
    const followed = poll(task, { clock });
    const [a, b] = [followed[Symbol.asyncIterator](), followed[Symbol.asyncIterator]()];
    const results = await clock.run(Promise.all([a.next(), b.next(), a.next(), b.next(), a.next()]));
    expect(results.map(({ value }) => value?.state)).toEqual(["running", "running", "succeeded", undefined, undefined]);
    expect(reads.length).toBe(3);
  });

  test("that is left stops everything, and is over", async () => {
    const clock = virtualClock();
    const { task, reads } = scripted([running], clock);
    const followed = poll(task, { clock });
    await clock.run(
      (async () => {
        for await (const _ of followed) if (reads.length === 3) break;
      })(),
    );
    await clock.advance(60_000);
    expect([reads.length, clock.pending]).toEqual([3, 0]);
    expect(await Array.fromAsync(followed)).toEqual([]);
  });

  test.each<[string, Answer[], number]>([
    ["a sleep", [running], 300],
    ["a read", [running, "never"], 600],
  ])("that is left in %s ends it", async (_, answers, time) => {
    const clock = virtualClock();
    const { task } = scripted(answers, clock);
    const iterator = poll(task, { clock, random: () => 1 })[Symbol.asyncIterator]();
    await clock.run(iterator.next());
    const next = iterator.next();
    await clock.advance(time);
    await iterator.return?.();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(clock.pending).toBe(0);
  });
});
