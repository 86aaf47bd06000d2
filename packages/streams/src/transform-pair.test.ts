import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import * as ponyfill from "web-streams-polyfill";
import { type PairTransformer, type StreamPair, transformPair } from "./index.ts";

// The standard's own suite, the web-platform-tests, is run by `npm run wpt`; here ours is compared with the platform's.

const reason = new Error("reason");

/** Implementations word their TypeErrors each in its own way. */
function describeError(error: unknown): string {
  if (error === reason) return "reason";
  return (error as Error).message.includes("cancelAlgorithm") ? "cancelAlgorithm" : (error as Error).name;
}

/** What can be done to a stage from outside. */
const operation = fc.oneof(
  { arbitrary: fc.constantFrom("write", "read") as fc.Arbitrary<Operation>, weight: 6 },
  fc.constantFrom<Operation>("close", "abort", "cancel", "error", "terminate"),
);
type Operation = "write" | "read" | "close" | "abort" | "cancel" | "error" | "terminate";
type Make = (
  transformer: PairTransformer<number, number>,
  readableStrategy: QueuingStrategy,
) => StreamPair<number, number>;

/** Plays the operations, each after the last one's effects, and writes down how every promise and callback ended. */
async function play(
  make: Make,
  operations: readonly Operation[],
  failing: number,
  highWaterMark: number,
): Promise<string[]> {
  const record: string[] = [];
  let controller: TransformStreamDefaultController<number> | undefined;
  const { readable, writable } = make(
    {
      start(given) {
        controller = given;
      },
      transform(chunk) {
        record.push(`transform ${chunk}`);
        if (chunk === failing) throw reason;
        controller?.enqueue(chunk);
      },
      flush: () => void record.push("flush"),
      cancel: (given) => void record.push(`cancel(${String(given)})`),
    },
    { highWaterMark },
  );
  const writer = writable.getWriter();
  const reader = readable.getReader();
  const watch = (name: string, promise: Promise<unknown>) => {
    promise.then(
      (value) => record.push(`${name}: ${JSON.stringify(value)}`),
      (error) => record.push(`${name} rejected: ${describeError(error)}`),
    );
  };
  let seen = 0;
  watch("reader.closed", reader.closed);
  watch("writer.closed", writer.closed);
  for (const [index, name] of operations.entries()) {
    if (name === "write") watch(`write ${index}`, writer.write(index));
    else if (name === "read") watch(`read ${index}`, reader.read());
    else if (name === "close") watch(`close ${index}`, writer.close());
    else if (name === "abort") watch(`abort ${index}`, writer.abort(reason));
    else if (name === "cancel") watch(`cancel ${index}`, (async () => reader.cancel(reason))());
    else if (name === "error") controller?.error(reason);
    else controller?.terminate();
    await turn();
    // Within one turn, which of two unrelated promises settles first is nobody's contract.
    record.push(...record.splice(seen).sort(), `after ${name}: ready ${writer.desiredSize}`);
    seen = record.length;
  }
  return record;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

describe("transformPair", () => {
  test("does what the platform's TransformStream does, for any sequence of operations", async () => {
    const native: Make = (transformer, strategy) => new TransformStream(transformer, undefined, strategy);
    const ours: Make = (transformer, strategy) => transformPair(transformer, undefined, strategy);
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { maxLength: 10 }),
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 0, max: 2 }),
        async (operations, failing, highWaterMark) => {
          const expected = await play(native, operations, failing, highWaterMark);
          // Node's own stage fails inside at a cancel or an abort after terminate() or error(): its algorithms are gone.
          fc.pre(!expected.some((line) => line.includes("cancelAlgorithm")));
          // Where the platform has no `transformer.cancel` (no browser has it yet), ours still calls it.
          const comparable = CANCELS ? expected : expected.filter((line) => !line.startsWith("cancel("));
          const received = await play(ours, operations, failing, highWaterMark);
          expect(CANCELS ? received : received.filter((line) => !line.startsWith("cancel("))).toEqual(comparable);
        },
      ),
      { numRuns: 150 },
    );
  });

  test.each([
    ["native", globalThis],
    ["ponyfill", ponyfill],
  ] as const)("calls cancel once, with the reason, on either side (%s)", async (_, streams) => {
    for (const side of ["abort", "cancel"] as const) {
      const reasons: unknown[] = [];
      const pair = transformPair({ cancel: (given) => void reasons.push(given) }, undefined, undefined, { streams });
      if (side === "abort") await pair.writable.abort(reason);
      else await pair.readable.cancel(reason);
      await Promise.allSettled([pair.readable.cancel("again"), pair.writable.abort("again")]);
      expect(reasons).toEqual([reason]);
    }
  });

  test("can be cancelled after terminate(), with chunks still to be read", async () => {
    let controller: TransformStreamDefaultController<number> | undefined;
    const start = (given: TransformStreamDefaultController<number>) => {
      controller = given;
    };
    const { readable, writable } = transformPair<number, number>({ start }, undefined, { highWaterMark: 1 });
    writable.getWriter().closed.catch(() => {});
    controller?.enqueue(1);
    controller?.terminate();
    await expect(readable.cancel("enough")).resolves.toBeUndefined();
  });

  test("passes chunks as they are without a transformer", async () => {
    const { readable, writable } = transformPair<string, string>();
    const writer = writable.getWriter();
    writer.write("a").catch(() => {});
    expect(await readable.getReader().read()).toEqual({ done: false, value: "a" });
  });

  test("gives both of its streams the element types", () => {
    expectTypeOf(transformPair<string, number>()).toEqualTypeOf<StreamPair<string, number>>();
  });

  test("refuses what is no transformer, at the call", () => {
    expect(() => transformPair({ transform: 1 as never })).toThrow(
      new TypeError('Cannot make a transform pair: "transform" must be a function, received number'),
    );
    expect(() => transformPair({ readableType: "bytes" as never })).toThrow(RangeError);
    expect(() => transformPair({}, {}, {}, { streams: {} as never })).toThrow(
      new TypeError('Cannot make a stream: "streams" must have a ReadableStream constructor, received undefined'),
    );
  });
});

const CANCELS = await (async () => {
  let called = false;
  const transformer: PairTransformer<unknown, unknown> = {
    cancel() {
      called = true;
    },
  };
  await new TransformStream(transformer).readable.cancel();
  return called;
})();
