import { expect, test } from "vitest";
import { codecStream, type StreamsOption, transformPair } from "./index.ts";
import { stageLaws } from "./testing.ts";

// The laws must be able to fail: each faulty stage breaks the one it is named after.
const faulty: [string, (options: StreamsOption) => ReturnType<typeof codecStream<Uint8Array, Uint8Array>>][] = [
  [
    "the same output",
    (options) => codecStream({ transform: (chunk, emit) => emit(chunk.length > 3 ? chunk.slice(1) : chunk) }, options),
  ],
  ["neither changes", (options) => codecStream({ transform: (chunk, emit) => emit(chunk.fill(0)) }, options)],
  [
    "can be transferred",
    (options) => {
      const pool = new ArrayBuffer(8192);
      return codecStream(
        {
          transform(chunk, emit) {
            const copy = new Uint8Array(pool, 0, chunk.length);
            copy.set(chunk);
            emit(copy);
          },
        },
        options,
      );
    },
  ],
  [
    "at most 3 writes",
    ({ streams }) =>
      transformPair<Uint8Array, Uint8Array>({}, { highWaterMark: 1 }, { highWaterMark: 1000 }, { streams }),
  ],
];

test.each(faulty)("stageLaws finds a stage that breaks: %s", async (broken, create) => {
  const laws = stageLaws({ create, expected: (input) => input }).filter(({ name }) => name.includes(broken));
  expect(laws.length).toBe(2);
  for (const { check } of laws) await expect(check()).rejects.toThrow();
});
