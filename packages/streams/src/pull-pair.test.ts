import { describe, expect, test } from "vitest";
import * as ponyfill from "web-streams-polyfill";
import { adopt, type Expander, pullPair, type StreamFamily } from "./index.ts";
import { stageLaws } from "./testing.ts";

const families: [string, StreamFamily][] = [
  ["native", globalThis],
  ["ponyfill", ponyfill],
];

describe("pullPair", () => {
  const laws = stageLaws({
    create: (options) =>
      pullPair<Uint8Array, Uint8Array>(
        {
          async *transform(chunk) {
            for (const byte of chunk) yield Uint8Array.of(byte, byte);
          },
        },
        options,
      ),
    expected: (input) => Uint8Array.from([...input].flatMap((byte) => [byte, byte])),
    runs: 20,
  });
  test.each(laws.map(({ name, check }) => [name, check] as const))("%s", (_, check) => check());
});

describe.each(families)("pullPair (%s)", (_, streams) => {
  test("computes one value ahead of its reader, however much a chunk expands to", async () => {
    let computed = 0;
    const endless: Expander<string, number> = {
      *transform() {
        while (true) yield computed++;
      },
    };
    const { readable, writable } = pullPair(endless, { streams });
    writable
      .getWriter()
      .write("go")
      .catch(() => {});
    const reader = readable.getReader();
    await turns();
    expect(computed).toBe(0);
    for (let index = 0; index < 100; index += 1) {
      expect(await reader.read()).toEqual({ done: false, value: index });
      await turn();
      expect(computed).toBe(index + 2);
    }
    await reader.cancel();
  });

  test("settles a write when its last value has been taken", async () => {
    const { readable, writable } = pullPair<number, number>({ transform: (value) => [value, -value] }, { streams });
    const write = writable.getWriter().write(1);
    const reader = readable.getReader();
    expect([await reader.read(), await reader.read()].map(({ value }) => value)).toEqual([1, -1]);
    await expect(write).resolves.toBeUndefined();
    await reader.cancel();
  });

  test.each(["cancel", "abort"] as const)("on %s returns from the generator and cancels once", async (how) => {
    for (const during of ["transform", "flush"] as const) {
      const calls: unknown[] = [];
      function* forever(): Iterable<number> {
        try {
          while (true) yield 1;
        } finally {
          calls.push("finally");
        }
      }
      const { readable, writable } = pullPair<string, number>(
        {
          transform: () => (during === "transform" ? forever() : []),
          flush: forever,
          cancel: (reason) => void calls.push(reason),
        },
        { streams },
      );
      const writer = writable.getWriter();
      const reader = readable.getReader();
      const ends = [writer.write("go"), writer.close(), writer.closed, reader.closed];
      for (const end of ends) end.catch(() => {});
      await reader.read();
      await turns();
      const stopped = how === "cancel" ? reader.cancel("stop") : writer.abort("stop");
      if (during === "transform") await expect(stopped).resolves.toBeUndefined();
      await Promise.allSettled([stopped, ...ends]);
      await turns();
      expect(calls.toSorted()).toEqual(["finally", "stop"]);
    }
  });

  test("an abort during flush fails the readable side: what was emitted must not look complete", async () => {
    const { readable, writable } = pullPair<string, number>(
      {
        transform: () => [],
        *flush() {
          yield 1;
          yield 2;
        },
      },
      { streams },
    );
    const writer = writable.getWriter();
    const reader = readable.getReader();
    writer.close().catch(() => {});
    writer.closed.catch(() => {});
    await reader.read();
    await turns();
    await Promise.allSettled([writer.abort(new Error("stop"))]);
    await expect(reader.read()).rejects.toThrow("stop");
  });

  test.each(["start", "transform", "flush"] as const)("passes on what %s throws and cancels once", async (where) => {
    const failure = new Error(where);
    const reasons: unknown[] = [];
    const expander: Expander<string, string> = {
      transform: (chunk) => [chunk],
      cancel(reason) {
        reasons.push(reason);
        throw new Error("not this one");
      },
      [where]: async function* () {
        yield await Promise.reject(failure);
      },
    };
    if (where === "start") expander.start = () => Promise.reject(failure);
    const stage = pullPair(expander, { streams });
    await expect(all(adopt(["a"], streams).pipeThrough(stage))).rejects.toBe(failure);
    expect(reasons).toEqual([failure]);
  });
});

test("pullPair refuses what is no expander, at the call", () => {
  expect(() => pullPair(null as never)).toThrow(
    new TypeError('Cannot make a stage: "expander" must have a transform function, received undefined'),
  );
});

async function all<T>(stream: ReadableStream<T>): Promise<T[]> {
  const values: T[] = [];
  const reader = stream.getReader();
  for (let result = await reader.read(); !result.done; result = await reader.read()) values.push(result.value);
  return values;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

async function turns(): Promise<void> {
  for (let index = 0; index < 5; index += 1) await turn();
}
