import fc from "fast-check";
import * as ponyfill from "web-streams-polyfill";
import { adopt } from "./adopt.ts";
import type { StreamFamily, StreamPair, StreamsOption } from "./stream-family.ts";

/** A stage under test, and what it should make of its input. */
export interface StageUnderTest {
  /** Makes the stage from the given constructors. */
  create(options: Required<StreamsOption>): StreamPair<Uint8Array, Uint8Array | string>;
  /** The whole output for the whole input, from an implementation that is not ours: joined bytes, or joined text. */
  expected(input: Uint8Array): Uint8Array | string | Promise<Uint8Array | string>;
  /**
   * What to feed it.
   * @default arrays of 0 to 4096 bytes
   */
  inputs?: fc.Arbitrary<Uint8Array>;
  /**
   * Cases for each law.
   * @default 50
   */
  runs?: number;
}

/** One law, to be registered with any test runner. */
export interface Law {
  readonly name: string;
  check(): Promise<void>;
}

const FAMILIES: readonly (readonly [string, StreamFamily])[] = [
  ["native", globalThis],
  ["ponyfill", ponyfill],
];
/** Enough turns of the event loop for whatever does not wait for a reader to have happened. */
const TURNS = 20;

/**
 * What every stage of bytes owes its users, as a list of checks for any test runner: the same output however the input
 * is split, input untouched, output in memory of its own, bounded acceptance, and an end to every promise. Each runs
 * under native streams and under web-streams-polyfill; a failure prints the seed and the shortest counterexample.
 *
 * @example
 * ```ts
 * import { test } from "node:test";
 * import { type Codec, codecStream, type StreamsOption } from "@sluice/streams";
 * import { stageLaws } from "@sluice/streams/testing";
 *
 * const codec: Codec<Uint8Array, Uint8Array> = { transform: (chunk, emit) => emit(chunk) };
 * const create = (options: StreamsOption) => codecStream(codec, options);
 * for (const { name, check } of stageLaws({ create, expected: (input) => input })) test(name, check);
 * ```
 */
export function stageLaws({ create, expected, inputs, runs = 50 }: StageUnderTest): Law[] {
  const cases = splitInputs(inputs ?? fc.uint8Array({ maxLength: 4096 }));
  const options = { numRuns: runs };

  return FAMILIES.flatMap(([family, streams]) => [
    {
      name: `gives the same output for every split (${family})`,
      check: () =>
        fc.assert(
          fc.asyncProperty(cases, async (chunks) => {
            const output = await outputs(create({ streams }), chunks, streams);
            assertSame(join(output), await expected(joinBytes(chunks)), "the output");
          }),
          options,
        ),
    },
    {
      name: `neither changes nor detaches its input (${family})`,
      check: () =>
        fc.assert(
          fc.asyncProperty(cases, async (chunks) => {
            const before = chunks.map((chunk) => chunk.slice());
            await outputs(create({ streams }), chunks, streams);
            for (const [index, chunk] of chunks.entries())
              assertSame(chunk, before[index] as Uint8Array, `chunk ${index}`);
          }),
          options,
        ),
    },
    {
      name: `emits bytes that can be transferred without harm to the others (${family})`,
      check: () =>
        fc.assert(
          fc.asyncProperty(cases, async (chunks) => {
            const given = new Set(chunks.map((chunk) => chunk.buffer));
            const own = (await outputs(create({ streams }), chunks, streams)).filter(
              (chunk) => typeof chunk !== "string" && !given.has(chunk.buffer),
            ) as Uint8Array<ArrayBuffer>[];
            for (const chunk of own) {
              const { byteLength } = chunk;
              const moved = structuredClone(chunk, { transfer: [chunk.buffer] });
              if (moved.byteLength !== byteLength || chunk.buffer.byteLength !== 0) {
                throw new Error("an emitted chunk lies in memory that another one uses, or that cannot be transferred");
              }
            }
          }),
          options,
        ),
    },
    {
      name: `accepts at most 3 writes with no reader (${family})`,
      check: async () => {
        const { readable, writable } = create({ streams });
        const writer = writable.getWriter();
        let accepted = 0;
        for (let index = 0; index < 64; index += 1) {
          writer.write(new Uint8Array(65_536)).then(
            () => {
              accepted += 1;
            },
            () => {},
          );
        }
        for (let turn = 0; turn < TURNS; turn += 1) await nextTurn();
        await Promise.allSettled([readable.cancel(), writer.closed]);
        // A stage that emits nothing before its end, such as a digest, has nothing to hold back.
        const emits =
          (await outputs(create({ streams }), [new Uint8Array(65_536), new Uint8Array(65_536)], streams)).length > 1;
        if (emits && accepted > 3) throw new Error(`expected at most 3 accepted writes, received ${accepted}`);
      },
    },
    {
      name: `settles every promise when it is aborted or cancelled at any moment (${family})`,
      check: () =>
        fc.assert(
          fc.asyncProperty(cases, fc.nat({ max: 12 }), fc.boolean(), async (chunks, turns, abort) => {
            const { readable, writable } = create({ streams });
            const reason = new Error("stop");
            const writer = writable.getWriter();
            const reader = readable.getReader();
            const writes = chunks.map((chunk) => writer.write(chunk));
            const pending: Promise<unknown>[] = [...writes, writer.closed, reader.closed, reader.read()];
            for (const promise of pending) promise.catch(() => {});
            for (let turn = 0; turn < turns; turn += 1) await null;
            pending.push(abort ? writer.abort(reason) : reader.cancel(reason));
            await Promise.allSettled(pending);
          }),
          options,
        ),
    },
  ]);
}

/** An input, cut at any places; empty chunks and chunks that are a view of a larger buffer included. */
function splitInputs(inputs: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array[]> {
  return fc.tuple(inputs, fc.array(fc.nat(), { maxLength: 12 }), fc.boolean()).map(([input, cuts, shared]) => {
    const places = [0, ...cuts.map((cut) => cut % (input.byteLength + 1)).sort((a, b) => a - b), input.byteLength];
    return places.slice(1).map((end, index) => {
      const start = places[index] as number;
      return shared ? input.subarray(start, end) : input.slice(start, end);
    });
  });
}

async function outputs(
  stage: StreamPair<Uint8Array, Uint8Array | string>,
  chunks: readonly Uint8Array[],
  streams: StreamFamily,
): Promise<(Uint8Array | string)[]> {
  const output: (Uint8Array | string)[] = [];
  const reader = adopt(chunks, streams).pipeThrough(stage).getReader();
  while (true) {
    const { done, value } = await reader.read();
    if (done) return output;
    output.push(value);
  }
}

function join(chunks: readonly (Uint8Array | string)[]): Uint8Array | string {
  return typeof chunks[0] === "string" ? chunks.join("") : joinBytes(chunks as Uint8Array[]);
}

function joinBytes(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

function assertSame(received: Uint8Array | string, expected: Uint8Array | string, what: string): void {
  if (received.length === 0 && expected.length === 0) return;
  if (typeof received !== typeof expected) {
    throw new Error(`${what}: expected ${typeof expected === "string" ? "text" : "bytes"}, received the other`);
  }
  if (received.length !== expected.length) {
    throw new Error(`${what}: expected a length of ${expected.length}, received ${received.length}`);
  }
  for (let index = 0; index < received.length; index += 1) {
    if (received[index] !== expected[index]) {
      throw new Error(`${what}: expected ${expected[index]} at ${index}, received ${received[index]}`);
    }
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
