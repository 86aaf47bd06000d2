import { describe, expect, test } from "vitest";
import { within } from "./index.ts";
import { virtualClock } from "./testing.ts";

const deaf = (): Promise<never> => new Promise(() => {});
const caught = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

/** A signal that knows who listens to it. */
function watched() {
  const listeners = new Set<() => void>();
  const signal = {
    aborted: false,
    reason: undefined as unknown,
    addEventListener: (_: string, listener: () => void) => listeners.add(listener),
    removeEventListener: (_: string, listener: () => void) => listeners.delete(listener),
  };
  const abort = (reason: unknown): void => {
    Object.assign(signal, { aborted: true, reason });
    for (const listener of listeners) listener();
  };
  return { signal: signal as unknown as AbortSignal, abort, listeners };
}

describe("within()", () => {
  test("is what the work comes to, and leaves neither timer nor listener", async () => {
    const clock = virtualClock();
    const failure = new Error("failed");
    const works: [() => Promise<string>, unknown][] = [
      [async () => "done", "done"],
      [() => Promise.reject(failure), failure],
      [
        () => {
          throw failure;
        },
        failure,
      ],
    ];
    for (const [work, outcome] of works) {
      const { signal, listeners } = watched();
      let own: AbortSignal | undefined;
      const result = within(
        (aborted) => {
          own = aborted;
          return work();
        },
        { signal, clock, deadline: 1000 },
      );
      expect(await caught(result)).toBe(outcome);
      expect([clock.pending, listeners.size, own?.aborted]).toEqual([0, 0, false]);
    }
  });

  test.each(["an abort", "the deadline", "cut"])("is over at once with %s, whatever the work does", async (way) => {
    const clock = virtualClock();
    const { signal, abort, listeners } = watched();
    const reason = new Error(way);
    let own: AbortSignal | undefined;
    let cut: (reason: unknown) => void = () => {};
    const work = Promise.withResolvers<string>();
    const started = (aborted: AbortSignal, stop: typeof cut): Promise<string> => {
      own = aborted;
      cut = stop;
      return work.promise;
    };
    const outcome = caught(within(started, { signal, clock, deadline: 1000, late: () => reason }));
    await clock.advance(999);
    if (way === "an abort") abort(reason);
    else if (way === "cut") cut(reason);
    else await clock.advance(1);
    expect([clock.pending, listeners.size, own?.reason]).toEqual([0, 0, reason]);
    // Left to itself, the rejection would be reported as unhandled and fail the run.
    work.reject(new Error("late"));
    expect(await outcome).toBe(reason);
  });

  test("decides before the work hears of it", async () => {
    const clock = virtualClock();
    const result = within(
      (aborted) => new Promise((resolve) => aborted.addEventListener("abort", () => resolve("too late"))),
      { clock, deadline: 10 },
    );
    expect(await clock.run(caught(result))).toMatchObject({ code: "deadline", attempts: 1, deadline: 10 });
  });

  test("does not begin after an abort or at a deadline of 0", async () => {
    const clock = virtualClock();
    let begun = 0;
    const begin = async (): Promise<number> => (begun += 1);
    const signal = AbortSignal.abort("enough");
    expect(await caught(within(begin, { signal, clock, deadline: 0 }))).toBe("enough");
    expect(await caught(within(begin, { clock, deadline: 0 }))).toHaveProperty("code", "deadline");
    expect([begun, clock.pending]).toEqual([0, 0]);
  });

  test("has no timer without a deadline", () => {
    const clock = virtualClock();
    void within(deaf, { clock });
    expect(clock.pending).toBe(0);
  });
});
