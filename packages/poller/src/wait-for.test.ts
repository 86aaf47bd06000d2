import { createBudget, DeadlineError } from "@sluice/retry";
import { virtualClock } from "@sluice/retry/testing";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  type PollOptions,
  PollStream,
  poll,
  type Snapshot,
  type Task,
  TaskCanceledError,
  TaskFailedError,
  waitFor,
} from "./index.ts";

const ending = (snapshot: Snapshot, more: object = {}): Task => ({ id: "job-1", read: async () => snapshot, ...more });
const caught = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => {
      throw new Error(`resolved with ${value}`);
    },
    (error) => error,
  );

describe("waitFor()", () => {
  test("resolves with the result, which may be none, and its type", async () => {
    expect(await waitFor(ending({ state: "succeeded", result: 42 }))).toBe(42);
    expect(await waitFor(ending({ state: "succeeded" }))).toBeUndefined();
    const task: Task<{ url: string }> = {
      id: "job-1",
      read: async () => ({ state: "succeeded", result: { url: "x" } }),
    };
    expectTypeOf(waitFor(task)).toEqualTypeOf<Promise<{ url: string }>>();
    expectTypeOf(
      waitFor({
        id: "job-1",
        read: async ({ signal }) => ({ state: signal.aborted ? "succeeded" : "running", result: "text" }),
      }),
    ).toEqualTypeOf<Promise<string>>();
  });

  test("rejects with TaskFailedError, which shows the reason and hides the raw reply", async () => {
    const cause = Object.assign(new Error("out of memory"), { code: 137 });
    const raw = { token: "r8_secret" };
    const error = await caught(waitFor(ending({ state: "failed", error: cause, raw }, { provider: "replicate" })));
    expect(error).toBeInstanceOf(TaskFailedError);
    expect(error).toMatchObject({
      name: "TaskFailedError",
      code: "task-failed",
      retryable: false,
      id: "job-1",
      provider: "replicate",
      cause,
      raw,
      message: 'Task "job-1" of replicate failed: out of memory',
    });
    expect(Object.keys(error as object)).not.toContain("raw");
    for (const [reason, message] of [
      ["no GPU", 'Task "job-1" failed: no GPU'],
      [{ code: 40012 }, 'Task "job-1" failed'],
      [undefined, 'Task "job-1" failed'],
      [null, 'Task "job-1" failed'],
    ] as const) {
      expect(await caught(waitFor(ending({ state: "failed", error: reason })))).toMatchObject({
        message,
        cause: reason,
      });
    }
  });

  test("rejects with TaskCanceledError", async () => {
    const error = await caught(waitFor(ending({ state: "canceled", error: "by the user" })));
    expect(error).toBeInstanceOf(TaskCanceledError);
    expect(error).toMatchObject({ code: "task-canceled", retryable: false, id: "job-1", cause: "by the user" });
  });

  test("rejects with a DeadlineError that tells how to go on", async () => {
    const clock = virtualClock();
    const error = await clock.run(caught(waitFor(ending({ state: "running" }), { clock, deadline: 5000 })));
    expect(error).toBeInstanceOf(DeadlineError);
    expect(error).toMatchObject({
      message: expect.stringMatching(/^Task "job-1" did not end before its deadline, in \d+ reads$/),
    });
    const { state } = error as { state: PollOptions["resume"] };
    const resume = { ...(state as NonNullable<typeof state>), deadline: 60_000 };
    expect(await clock.run(waitFor(ending({ state: "succeeded", result: 1 }), { clock, resume }))).toBe(1);
  });

  test("calls onSnapshot with every snapshot, the last one included", async () => {
    const clock = virtualClock();
    const states: string[] = [];
    const read: Task["read"] = async ({ attempt }) => ({ state: attempt < 3 ? "running" : "failed" });
    const onSnapshot = ({ state }: Snapshot, { id }: Task) => void states.push(`${id} ${state}`);
    await clock.run(caught(waitFor({ id: "a", read }, { clock, onSnapshot })));
    expect(states).toEqual(["a running", "a running", "a failed"]);
  });

  test("shares its retry budget with others", async () => {
    const clock = virtualClock();
    const budget = createBudget({ capacity: 3, refill: 1 });
    const busy = Object.assign(new Error("busy"), { retryable: true });
    const read: Task["read"] = async ({ attempt }) =>
      attempt < 3 ? Promise.reject(busy) : { state: attempt < 4 ? "running" : "succeeded" };
    await clock.run(waitFor({ id: "a", read }, { clock, retry: { budget } }));
    expect(budget.tokens).toBe(3);
  });
});

describe("Misuse", () => {
  const task = ending({ state: "succeeded" });
  const options: [object, typeof TypeError | typeof RangeError, string][] = [
    [{ interval: -1 }, RangeError, '"interval" must be a finite number >= 0, received -1'],
    [{ interval: Number.NaN }, RangeError, '"interval" must be a finite number >= 0, received NaN'],
    [{ interval: Infinity }, RangeError, '"interval" must be a finite number >= 0, received Infinity'],
    [{ interval: "500" }, TypeError, '"interval" must be a finite number >= 0, received string'],
    [{ interval: null }, TypeError, '"interval"'],
    [{ interval: 5n }, TypeError, '"interval"'],
    [{ maxInterval: -1 }, RangeError, '"maxInterval"'],
    [{ maxInterval: Number.NaN }, RangeError, '"maxInterval"'],
    [{ maxInterval: Infinity }, RangeError, '"maxInterval"'],
    [{ deadline: -1 }, RangeError, '"deadline"'],
    [{ deadline: new Date() }, TypeError, '"deadline"'],
    [{ grace: Number.NaN }, RangeError, '"grace"'],
    [{ readTimeout: -1 }, RangeError, '"readTimeout"'],
    [{ random: 1 }, TypeError, '"random" must be a function'],
    [{ onSnapshot: {} }, TypeError, '"onSnapshot" must be a function, received object'],
    [{ onEvent: "log" }, TypeError, '"onEvent" must be a function, received string'],
    [{ retry: { attempts: 0 } }, RangeError, '"attempts"'],
    [{ retry: { base: -1 } }, RangeError, '"base"'],
    [{ retry: { retryable: true } }, TypeError, '"retryable"'],
  ];
  const streamOptions: typeof options = [
    [{ rate: 0 }, RangeError, '"rate" must be a finite number >= 0.000001, received 0'],
    [{ rate: Number.NaN }, RangeError, '"rate"'],
    [{ concurrency: 0 }, RangeError, '"concurrency" must be a whole number >= 1, received 0'],
    [{ concurrency: 1.5 }, RangeError, '"concurrency"'],
    [{ inFlight: -1 }, RangeError, '"inFlight"'],
    [{ inFlight: "many" }, TypeError, '"inFlight"'],
    [{ streams: {} }, TypeError, '"streams"'],
  ];

  test.each(options)("of poll and waitFor: %o throws at the call", (given, kind, message) => {
    for (const call of [() => waitFor(task, given), () => poll(task, given)]) {
      expect(call).toThrow(kind);
      expect(call).toThrow(message);
      expect(call).toThrow("Cannot poll: ");
    }
  });

  test.each([...options, ...streamOptions])("of PollStream: %o throws at the construction", (given, kind, message) => {
    const call = () => new PollStream(given);
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
    expect(call).toThrow("Cannot construct PollStream: ");
  });

  test.each([undefined, null, "job-1", {}, { id: 7, read() {} }, { id: "job-1" }, { id: "job-1", read: true }])(
    "%o is no task",
    (value) => {
      expect(() => waitFor(value as never)).toThrow(TypeError);
      expect(() => poll(value as never)).toThrow(/^Cannot poll: "(id|read)" must be a (string|function), received/);
    },
  );
});
