import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { createBudget, DeadlineError, type RetryEvent, type RetryOptions, retry } from "./index.ts";
import { type VirtualClock, virtualClock } from "./testing.ts";

const busy = (extra: object = {}): Error => Object.assign(new Error("busy"), { retryable: true, ...extra });
const caught = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => {
      throw new Error(`resolved with ${value}`);
    },
    (error) => error,
  );
const never = (): Promise<never> => new Promise(() => {});

/** Runs to the end in virtual time and tells what happened when. */
async function observe(
  attempt: (n: number) => unknown,
  options: RetryOptions = {},
  clock: VirtualClock = virtualClock(),
) {
  const events: RetryEvent[] = [];
  const starts: number[] = [];
  const promise = retry(
    async ({ attempt: n }) => {
      starts.push(clock.now());
      return attempt(n);
    },
    { clock, random: () => 0.5, onRetry: (event) => events.push(event), ...options },
  );
  const outcome = await clock.run(
    promise.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    ),
  );
  expect(clock.pending).toBe(0);
  return { ...outcome, events, starts, delays: events.map((event) => event.delay), end: clock.now() };
}
const fail = (error: unknown) => (): never => {
  throw error;
};

describe("retry() schedule", () => {
  test("calls once when the first attempt succeeds", async () => {
    const seen = await observe((n) => `attempt ${n}`);
    expect(seen).toMatchObject({ value: "attempt 1", starts: [0], events: [] });
  });

  test("doubles the ceiling of the jitter up to the cap and rejects with the last error itself", async () => {
    const errors = Array.from({ length: 6 }, () => busy());
    const seen = await observe((n) => fail(errors[n - 1])(), { attempts: 6, base: 100, cap: 500, random: () => 1 });
    expect(seen.delays).toEqual([100, 200, 400, 500, 500]);
    expect(seen).toMatchObject({ error: errors[5], starts: [0, 100, 300, 700, 1200, 1700] });
  });

  test("has the documented defaults", async () => {
    const seen = await observe(fail(busy()), { random: () => 1 });
    expect(seen.delays).toEqual([500, 1000, 2000, 4000]);
    const long = await observe(fail(busy()), { random: () => 1, attempts: 10 });
    expect(long.delays.at(-1)).toBe(30_000);
  });

  test("keeps finite delays after more doublings than a double can hold", async () => {
    const late = (n: number): unknown => (n > 40 ? "ok" : fail(busy())());
    const seen = await observe(late, { attempts: Infinity, base: 1e300, cap: 2 });
    expect(seen).toMatchObject({ value: "ok" });
    expect(new Set(seen.delays)).toEqual(new Set([1]));
    const zero = await observe(late, { attempts: Infinity, base: 0 });
    expect(new Set(zero.delays)).toEqual(new Set([0]));
  });

  test("treats a synchronous throw like a rejection, and a plain value like a promise", async () => {
    const clock = virtualClock();
    const attempt = ({ attempt: n }: { attempt: number }): Promise<string> => {
      if (n === 1) throw busy();
      return "plain" as unknown as Promise<string>;
    };
    expect(await clock.run(retry(attempt, { clock }))).toBe("plain");
  });

  test("sleeps longer than a timer can", async () => {
    const day = 86_400_000;
    const hinted = await observe((n) => (n === 1 ? fail(busy({ retryAfter: 90 * day }))() : "ok"), { random: () => 0 });
    expect(hinted).toMatchObject({ value: "ok", starts: [0, 90 * day] });
    const backedOff = await observe((n) => (n === 1 ? fail(busy())() : "ok"), {
      base: 2 ** 33,
      cap: 2 ** 33,
      random: () => 1,
    });
    expect(backedOff.starts).toEqual([0, 2 ** 33]);
  });

  test("passes results and contexts through with their types", () => {
    expectTypeOf(retry(async ({ attempt, signal }) => ({ attempt, signal }))).toEqualTypeOf<
      Promise<{ attempt: number; signal: AbortSignal }>
    >();
  });
});

describe("retry() hints", () => {
  test("takes the error's retryAfter as a floor, with the jitter on top and past the cap", async () => {
    const seen = await observe(fail(busy({ retryAfter: 60_000 })), { attempts: 2, base: 100, cap: 200 });
    expect(seen.events).toMatchObject([{ attempt: 1, delay: 60_050, after: 60_000 }]);
  });

  test("lets retryable's own { after } outrank the error's", async () => {
    const seen = await observe(fail(busy({ retryAfter: 60_000 })), {
      attempts: 3,
      base: 0,
      retryable: () => ({ after: 7 }),
    });
    expect(seen.delays).toEqual([7, 7]);
    const none = await observe(fail(busy({ retryAfter: 60_000 })), {
      attempts: 2,
      base: 0,
      retryable: () => ({ after: 0 }),
    });
    expect(none.delays).toEqual([0]);
    const plain = await observe(fail(busy({ retryAfter: 60_000 })), { attempts: 2, base: 0, retryable: () => true });
    expect(plain.delays).toEqual([60_000]);
  });

  test.each([Number.NaN, -5, "120", null, undefined, new Date(9e12), 5n, Symbol("x"), {}])(
    "ignores the hint %s",
    async (hint) => {
      const seen = await observe(fail(busy({ retryAfter: hint })), { attempts: 2, base: 100 });
      expect(seen.delays).toEqual([50]);
    },
  );

  test.each([366 * 86_400_000, 1e300, Infinity])("does not wait for an absurd hint of %d ms", async (retryAfter) => {
    const error = busy({ retryAfter });
    const seen = await observe(fail(error));
    expect(seen).toMatchObject({ starts: [0], end: 0, error: { code: "deadline", cause: error } });
  });
});

describe("retry() default verdict", () => {
  test.each([
    new TypeError("misuse"),
    new RangeError("misuse"),
    new DOMException("aborted", "AbortError"),
    new Error("plain"),
    Object.assign(new Error("truthy only"), { retryable: 1 }),
    new DeadlineError(3, 1000),
    undefined,
    null,
    "text",
    0,
  ])("is no for %s", async (error) => {
    const seen = await observe(fail(error));
    expect(seen.starts).toEqual([0]);
    expect(seen).toHaveProperty("error", error);
  });

  test("is yes for any error that says so, whatever its class", async () => {
    const seen = await observe(fail({ retryable: true }), { attempts: 2 });
    expect(seen.starts).toHaveLength(2);
  });

  test("is replaced by retryable, which is also shown the last error", async () => {
    const shown: unknown[] = [];
    const error = new TypeError("fetch failed");
    await observe(fail(error), { attempts: 2, retryable: (e) => shown.push(e) > 0 });
    expect(shown).toEqual([error, error]);
  });
});

describe("retry() deadline", () => {
  test("fails at once when the hint does not fit", async () => {
    const error = busy({ retryAfter: 1000 });
    const seen = await observe(fail(error), { deadline: 1000 });
    expect(seen).toMatchObject({ starts: [0], end: 0, events: [] });
    expect(seen).toHaveProperty("error", expect.any(DeadlineError));
    expect(seen).toMatchObject({
      error: { name: "DeadlineError", code: "deadline", retryable: false, attempts: 1, deadline: 1000, cause: error },
    });
  });

  test("cuts the jitter to the time that is left", async () => {
    const seen = await observe(fail(busy({ retryAfter: 100 })), { deadline: 300, attempts: 2 });
    expect(seen.events).toMatchObject([{ after: 100, delay: 200 }]);
  });

  test("aborts the attempt in flight with the error that it rejects with", async () => {
    const clock = virtualClock();
    let reason: unknown;
    const promise = caught(
      retry(
        ({ signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener("abort", () => {
              reason = signal.reason;
              reject(new Error("late"));
            });
          }),
        { clock, deadline: 250 },
      ),
    );
    await clock.advance(249);
    expect(reason).toBe(undefined);
    await clock.advance(1);
    expect(await promise).toBe(reason);
    expect(reason).toMatchObject({ code: "deadline", attempts: 1 });
    expect(Object.hasOwn(reason as object, "cause")).toBe(false);
    expect(clock.pending).toBe(0);
  });

  test("does not wait for an attempt that ignores its signal, and tells the failure before it", async () => {
    const first = busy();
    const seen = await observe((n) => (n === 1 ? fail(first)() : never()), { deadline: 5000, base: 100 });
    expect(seen).toMatchObject({ end: 5000, error: { attempts: 2, cause: first } });
  });

  test("of 0 starts nothing", async () => {
    const seen = await observe(() => "ok", { deadline: 0 });
    expect(seen).toMatchObject({ starts: [], error: { code: "deadline", attempts: 0 } });
  });

  test("does not outrank an error that would not be retried anyway", async () => {
    const error = new Error("gone");
    const clock = virtualClock();
    const promise = caught(
      retry(
        async () => {
          await new Promise<void>((resolve) => clock.setTimeout(resolve, 99));
          throw error;
        },
        { clock, deadline: 100 },
      ),
    );
    await clock.advance(100);
    expect(await promise).toBe(error);
  });

  test("may be longer than a timer", async () => {
    const seen = await observe(never, { deadline: 2 ** 32 });
    expect(seen).toMatchObject({ end: 2 ** 32, error: { code: "deadline" } });
  });
});

describe("retry() abort", () => {
  const reason = { any: "value" };

  test("before the start rejects with the reason and calls nothing", async () => {
    let calls = 0;
    const options = { signal: AbortSignal.abort(reason), deadline: 0, clock: virtualClock() };
    expect(await caught(retry(async () => calls++, options))).toBe(reason);
    expect(calls).toBe(0);
    expect(options.clock.pending).toBe(0);
  });

  test("cuts the sleep at once", async () => {
    const clock = virtualClock();
    const controller = new AbortController();
    let calls = 0;
    const promise = caught(
      retry(
        async () => {
          calls++;
          throw busy({ retryAfter: 60_000 });
        },
        { clock, signal: controller.signal, deadline: 1e6 },
      ),
    );
    await clock.advance(10);
    expect(clock.pending).toBe(2);
    controller.abort(reason);
    expect(clock.pending).toBe(0);
    expect(await promise).toBe(reason);
    await clock.advance(1e6);
    expect(calls).toBe(1);
  });

  test("rejects at once while an attempt ignores its signal, and ignores how that ends", async () => {
    for (const ending of ["resolve", "reject"]) {
      const clock = virtualClock();
      const controller = new AbortController();
      const budget = createBudget({ capacity: 3, refill: 1 });
      let finish = (): void => {};
      let seen: unknown;
      const promise = caught(
        retry(
          ({ signal }) =>
            new Promise<void>((resolve, reject) => {
              signal.addEventListener("abort", () => {
                seen = signal.reason;
              });
              finish = () => (ending === "resolve" ? resolve() : reject(busy()));
            }),
          { clock, signal: controller.signal, budget },
        ),
      );
      controller.abort(reason);
      expect(await promise).toBe(reason);
      expect(seen).toBe(reason);
      // Left to itself, the rejection would be reported as unhandled and fail the run.
      finish();
      await clock.advance(1e6);
      expect(budget.tokens).toBe(3);
    }
  });

  test("outranks what the attempt rejects with because of it", async () => {
    const controller = new AbortController();
    const promise = retry(
      async () => {
        controller.abort(reason);
        throw busy();
      },
      { signal: controller.signal, clock: virtualClock() },
    );
    expect(await caught(promise)).toBe(reason);
  });

  test.each(["retryable", "onRetry"])("from within %s rejects with the reason and sets no timer", async (where) => {
    const clock = virtualClock();
    const controller = new AbortController();
    const abort = (): boolean => {
      controller.abort(reason);
      return false;
    };
    const promise = retry(async () => fail(busy())(), { clock, signal: controller.signal, [where]: abort });
    expect(await caught(promise)).toBe(reason);
    expect(clock.pending).toBe(0);
  });

  test("after the end changes nothing", async () => {
    const controller = new AbortController();
    let seen: AbortSignal | undefined;
    await retry(
      async ({ signal }) => {
        seen = signal;
      },
      { signal: controller.signal },
    );
    controller.abort(reason);
    expect(seen?.aborted).toBe(false);
  });
});

describe("retry() budget", () => {
  test("is spent by retries only and refilled by successes", async () => {
    const budget = createBudget({ capacity: 2, refill: 0.5 });
    await observe(() => "ok", { budget });
    expect(budget.tokens).toBe(2);
    await observe((n) => (n < 3 ? fail(busy())() : "ok"), { budget });
    expect(budget.tokens).toBe(0.5);
  });

  test("that is empty makes a failure final at once, for everybody who shares it", async () => {
    const budget = createBudget({ capacity: 3, refill: 0 });
    const error = busy();
    const seen = await Promise.all([1, 2, 3].map(() => observe(fail(error), { budget })));
    expect(seen.flatMap((one) => one.starts)).toHaveLength(3 + 3);
    for (const one of seen) expect(one).toHaveProperty("error", error);
    expect(budget.tokens).toBe(0);
    expect(await observe(fail(error), { budget })).toMatchObject({ starts: [0], end: 0 });
  });

  test("is not spent on a retry that does not happen", async () => {
    const budget = createBudget({ capacity: 3, refill: 0 });
    await observe(fail(new Error("permanent")), { budget });
    await observe(fail(busy()), { budget, attempts: 1 });
    await observe(fail(busy({ retryAfter: 10 })), { budget, deadline: 5 });
    expect(budget.tokens).toBe(3);
  });
});

describe("retry() misuse", () => {
  test.each([
    [{ attempts: 0 }, RangeError, 'Cannot retry: "attempts" must be a whole number >= 1, received 0'],
    [{ attempts: 2.5 }, RangeError, "received 2.5"],
    [{ attempts: Number.NaN }, RangeError, "received NaN"],
    [{ attempts: "3" }, TypeError, "received string"],
    [{ base: -1 }, RangeError, 'Cannot retry: "base" must be a finite number >= 0, received -1'],
    [{ base: Infinity }, RangeError, "received Infinity"],
    [{ cap: Number.NaN }, RangeError, '"cap"'],
    [{ deadline: -1 }, RangeError, '"deadline"'],
    [{ deadline: new Date() }, TypeError, "received object"],
    [{ retryable: true }, TypeError, 'Cannot retry: "retryable" must be a function, received boolean'],
    [{ random: 0.5 }, TypeError, '"random" must be a function, received number'],
    [{ onRetry: null }, TypeError, '"onRetry" must be a function, received object'],
  ])("%o throws at the call", (options, kind, message) => {
    const call = (): unknown => retry(never, options as RetryOptions);
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
  });

  test("of the attempt throws at the call", () => {
    expect(() => retry("x" as never)).toThrow(
      new TypeError('Cannot retry: "attempt" must be a function, received string'),
    );
  });

  test("takes undefined for an option that is not given", async () => {
    const options: Required<RetryOptions> = {
      attempts: undefined,
      base: undefined,
      cap: undefined,
      deadline: undefined,
      budget: undefined,
      retryable: undefined,
      signal: undefined,
      clock: undefined,
      random: undefined,
      onRetry: undefined,
    };
    expect(await retry(async () => "ok", options)).toBe("ok");
  });

  test.each(["retryable", "onRetry", "random", "budget"])(
    "rejects with what %s threw, and leaves nothing behind",
    async (where) => {
      const thrown = new Error("mine");
      const throwing = where === "budget" ? { tokens: 1, spend: fail(thrown), refund() {} } : fail(thrown);
      const seen = await observe(fail(busy()), { deadline: 1e6, [where]: throwing });
      expect(seen).toHaveProperty("error", thrown);
    },
  );
});

describe("retry() for any sequence of errors", () => {
  const outcome = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        retryable: fc.constant(true),
        retryAfter: fc.option(fc.double({ min: 0, max: 1e7, noNaN: true })),
      }),
    },
    { weight: 1, arbitrary: fc.record({ retryable: fc.constant(true), retryAfter: fc.anything() }) },
    { weight: 1, arbitrary: fc.anything() },
  );
  const options = fc.record({
    attempts: fc.integer({ min: 1, max: 8 }),
    base: fc.double({ min: 0, max: 5000, noNaN: true }),
    cap: fc.double({ min: 0, max: 60_000, noNaN: true }),
    deadline: fc.option(fc.double({ min: 0, max: 1e8, noNaN: true }), { nil: undefined }),
  });

  test("settles, within all limits, the same way each time", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(outcome, { maxLength: 8 }),
        options,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), { minLength: 1 }),
        fc.integer({ min: 0, max: 8 }),
        async (errors, limits, randoms, capacity) => {
          const once = () => {
            const budget = createBudget({ capacity, refill: 0.1 });
            let draws = 0;
            const random = (): number => randoms[draws++ % randoms.length] ?? 0;
            return observe((n) => (n > errors.length ? "ok" : fail(errors[n - 1])()), { ...limits, budget, random });
          };
          const seen = await once();
          const { attempts, base, cap, deadline = Infinity } = limits;
          expect(seen.starts.length).toBeLessThanOrEqual(Math.min(attempts, capacity + 1));
          expect(seen.end).toBeLessThanOrEqual(deadline);
          for (const [index, { attempt, delay, after }] of seen.events.entries()) {
            expect(attempt).toBe(index + 1);
            expect(delay).toBeGreaterThanOrEqual(after);
            expect(delay).toBeLessThanOrEqual(after + Math.min(cap, base * 2 ** index));
            const gap = (seen.starts[index + 1] ?? seen.end) - (seen.starts[index] ?? 0);
            if (seen.starts[index + 1] !== undefined) expect(gap).toBeCloseTo(delay, 3);
          }
          expect(await once()).toEqual(seen);
        },
      ),
      { numRuns: 150 },
    );
  });
});
