import { describe, expect, test } from "vitest";
import * as ponyfill from "web-streams-polyfill";
import { type Codec, codecStream, type StreamFamily } from "./index.ts";
import { stageLaws } from "./testing.ts";

const MIB = 1 << 20;
const families: [string, StreamFamily][] = [
  ["native", globalThis],
  ["ponyfill", ponyfill],
];

/** Doubles every byte; what it emits is its own. */
const doubling = (): Codec<Uint8Array, Uint8Array> => ({
  transform: (chunk, emit) =>
    emit(Uint8Array.from({ length: chunk.length * 2 }, (_, index) => chunk[index >> 1] as number)),
});

describe("codecStream", () => {
  const laws = stageLaws({
    create: (options) => codecStream(doubling(), options),
    expected: (input) => Uint8Array.from([...input].flatMap((byte) => [byte, byte])),
  });
  test.each(laws.map(({ name, check }) => [name, check] as const))("%s", (_, check) => check());
});

describe.each(families)("codecStream (%s)", (_, streams) => {
  test("cuts chunks over 1 MiB and waits for demand between the pieces", async () => {
    const pieces: number[] = [];
    const codec: Codec<Uint8Array, number> = {
      transform(chunk, emit) {
        pieces.push(chunk.byteLength);
        emit(chunk.byteLength);
      },
    };
    const { readable, writable } = codecStream(codec, { streams });
    const reader = readable.getReader();
    writable
      .getWriter()
      .write(new Uint8Array(3 * MIB + 5))
      .catch(() => {});
    await turns();
    expect(pieces).toEqual([]);
    for (const expected of [MIB, MIB, MIB, 5]) {
      const count = pieces.length;
      expect(await reader.read()).toEqual({ done: false, value: expected });
      await turns();
      expect(pieces.length).toBe(count + 1);
    }
  });

  test("fails when a chunk is detached between two pieces: what came out is not all", async () => {
    const codec: Codec<Uint8Array, number> = { transform: (chunk, emit) => emit(chunk.byteLength) };
    const { readable, writable } = codecStream(codec, { streams });
    const reader = readable.getReader();
    const chunk = new Uint8Array(3 * MIB);
    const write = writable.getWriter().write(chunk);
    expect((await reader.read()).value).toBe(MIB);
    structuredClone(chunk, { transfer: [chunk.buffer] });
    await expect(reader.read()).rejects.toThrow(TypeError);
    await expect(write).rejects.toThrow(TypeError);
  });

  test("stops between two pieces when it is cancelled or aborted", async () => {
    for (const side of ["cancel", "abort"] as const) {
      const calls: string[] = [];
      const { readable, writable } = codecStream<Uint8Array, number>(
        {
          transform(_chunk, emit) {
            calls.push("transform");
            emit(0);
          },
          cancel: (reason) => void calls.push(String(reason)),
        },
        { streams },
      );
      const reader = readable.getReader();
      const writer = writable.getWriter();
      const write = writer.write(new Uint8Array(4 * MIB));
      await reader.read();
      await turns();
      await expect(side === "cancel" ? reader.cancel("stop") : writer.abort("stop")).resolves.toBeUndefined();
      await Promise.allSettled([write]);
      expect(calls).toEqual(["transform", "stop"]);
    }
  });

  test("lets go at once when it is aborted while nobody reads", async () => {
    const reasons: unknown[] = [];
    const { writable } = codecStream({ transform() {}, cancel: (reason) => void reasons.push(reason) }, { streams });
    const writer = writable.getWriter();
    writer.write(1).catch(() => {});
    await turns();
    await writer.abort("stop");
    expect(reasons).toEqual(["stop"]);
  });

  test.each(["start", "transform", "flush", "transform, and cancel too"])(
    "passes on what %s throws, in both directions, and cancels the codec once",
    async (where) => {
      const failure = new Error(where);
      const reasons: unknown[] = [];
      const throwing = () => {
        throw failure;
      };
      const codec: Codec<number, number> = {
        transform: where.startsWith("transform") ? throwing : (chunk, emit) => emit(chunk),
        cancel(reason) {
          reasons.push(reason);
          if (where.endsWith("too")) throw new Error("not this one");
        },
        ...(where === "start" ? { start: throwing } : where === "flush" ? { flush: throwing } : {}),
      };
      const { readable, writable } = codecStream(codec, { streams });
      const writer = writable.getWriter();
      const reader = readable.getReader();
      const ends = [writer.write(1), writer.close(), writer.closed, reader.closed];
      for (const end of ends) end.catch(() => {});
      await expect(
        (async () => {
          while (!(await reader.read()).done);
        })(),
      ).rejects.toBe(failure);
      await expect(writer.closed).rejects.toBe(failure);
      await expect(reader.closed).rejects.toBe(failure);
      await Promise.allSettled([writer.abort("again"), reader.cancel("again")]);
      expect(reasons).toEqual([failure]);
    },
  );

  test("does not cancel a codec that has been flushed", async () => {
    const calls: string[] = [];
    const { readable, writable } = codecStream<number, number>(
      {
        transform: (chunk, emit) => emit(chunk),
        flush(emit) {
          calls.push("flush");
          emit(2);
        },
        cancel: () => void calls.push("cancel"),
      },
      { streams },
    );
    const writer = writable.getWriter();
    const reader = readable.getReader();
    const written = [writer.write(1), writer.close()];
    expect(await reader.read()).toEqual({ done: false, value: 1 });
    await Promise.all(written);
    await reader.cancel();
    expect(calls).toEqual(["flush"]);
  });

  test("waits for start before the first transform", async () => {
    const calls: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const { readable, writable } = codecStream<number, number>(
      {
        start: () => promise,
        transform(chunk, emit) {
          calls.push("transform");
          emit(chunk);
        },
      },
      { streams },
    );
    writable
      .getWriter()
      .write(7)
      .catch(() => {});
    const read = readable.getReader().read();
    await turns();
    expect(calls).toEqual([]);
    resolve();
    expect((await read).value).toBe(7);
  });
});

test("codecStream refuses what is no codec, at the call", () => {
  expect(() => codecStream({} as never)).toThrow(
    new TypeError('Cannot make a stage: "codec" must have a transform function, received undefined'),
  );
});

async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0));
}
