import fc from "fast-check";
import type { ByteSource } from "./byte-source.ts";

/** A kind of source under test. */
export interface SourceUnderTest {
  /** Makes a source of exactly these bytes. Closed by the law that asked for it. */
  create(bytes: Uint8Array<ArrayBuffer>): ByteSource | Promise<ByteSource>;
  /** What to put into it. @default arrays of 0 to 4096 bytes */
  inputs?: fc.Arbitrary<Uint8Array<ArrayBuffer>>;
  /** Cases for each law. @default 25 */
  runs?: number;
}

/** One law, to be registered with any test runner. */
export interface Law {
  readonly name: string;
  check(): Promise<void>;
}

type Case = readonly [bytes: Uint8Array<ArrayBuffer>, start: number, end: number, step: number];

/**
 * What every source of bytes owes its users, as a list of checks for any test runner. A failure prints the seed and the
 * shortest counterexample.
 *
 * @example
 * ```ts
 * import { test } from "node:test";
 * import { bytesSource } from "@sluice/source";
 * import { sourceLaws } from "@sluice/source/testing";
 *
 * for (const { name, check } of sourceLaws({ create: (bytes) => bytesSource(bytes) })) test(name, check);
 * ```
 */
export function sourceLaws({ create, inputs = someBytes(), runs = 25 }: SourceUnderTest): Law[] {
  return [
    law("streams every byte, in chunks of their own memory, and says how many", async (source, [bytes]) => {
      if (source.size !== undefined) same(source.size, bytes.byteLength, "size");
      const chunks = await chunksOf(source.stream());
      equal(join(chunks), bytes);
      for (const chunk of chunks) {
        if (!(chunk instanceof Uint8Array) || chunk.byteLength === 0)
          throw new Error("a chunk is empty or no Uint8Array");
        chunk.fill(0xee);
      }
      if (source.replayable) equal(join(await chunksOf(source.stream())), bytes);
    }),
    law("streams any range, at once with others", async (source, [bytes, start, end]) => {
      if (!source.replayable) return;
      const ranges = [
        [start, end],
        [0, end],
        [start, bytes.byteLength],
        [start, start],
      ] as const;
      const parts = await Promise.all(
        ranges.map(async ([from, to]) => chunksOf(source.stream({ start: from, end: to }))),
      );
      for (const [index, [from, to]] of ranges.entries()) equal(join(parts[index] ?? []), bytes.subarray(from, to));
    }),
    law("fills the buffers of a reader that brings them", async (source, [bytes, start, end, step]) => {
      const stream = source.stream(source.replayable ? { start, end } : {});
      const expected = source.replayable ? bytes.subarray(start, end) : bytes;
      const chunks = await chunksIntoBuffers(stream, step);
      if (chunks) equal(join(chunks), expected);
    }),
    law("reads at any position", async (source, [bytes, start, end, step]) => {
      if (!source.read) return;
      const into = new Uint8Array(end - start + step).fill(0xee);
      const count = await source.read(into.subarray(1), start);
      same(count, Math.min(into.byteLength - 1, bytes.byteLength - start), "bytes read");
      equal(into.subarray(1, 1 + count), bytes.subarray(start, start + count));
      if (into[0] !== 0xee || into.subarray(1 + count).some((byte) => byte !== 0xee)) {
        throw new Error("read wrote where there are no bytes");
      }
    }),
    law("pours every byte, and waits for who takes them", async (source, [bytes]) => {
      if (!source.pour) return;
      const chunks: Uint8Array[] = [];
      let taking = false;
      await source.pour((chunk) => {
        if (taking) throw new Error("a chunk came while another one was being taken");
        if (!(chunk instanceof Uint8Array) || chunk.byteLength === 0)
          throw new Error("a chunk is empty or no Uint8Array");
        chunks.push(chunk.slice());
        // Of every other chunk, so that both ways are gone.
        if (chunks.length % 2) return undefined;
        taking = true;
        return Promise.resolve().then(() => {
          taking = false;
        });
      });
      equal(join(chunks), bytes);
      if (!((await rejection(source.pour(() => undefined))) instanceof TypeError)) throw new Error("poured twice");
    }),
    law("lends every byte to who copies it", async (source, [bytes]) => {
      if (!source.pour) return;
      const chunks: Uint8Array[] = [];
      await source.pour(
        (chunk, lent) => {
          chunks.push(chunk.slice());
          if (lent) chunk.fill(0xee);
          return chunks.length % 2 ? undefined : Promise.resolve();
        },
        { lend: true },
      );
      equal(join(chunks), bytes);
    }),
    law("ends with what its bytes are refused with", async (source, [bytes]) => {
      if (!source.pour || bytes.byteLength === 0) return;
      const reason = new Error("full");
      const refuse = () => {
        throw reason;
      };
      same(await rejection(source.pour(refuse)), reason, "reason");
    }),
    law("gives any range as views of its memory", async (source, [bytes, start, end]) => {
      const views = source.views?.(start, end);
      if (views) equal(join([...views]), bytes.subarray(start, end));
    }),
    law("gives any range as a Blob", async (source, [bytes, start, end]) => {
      const blob = source.blob?.(start, end);
      if (blob) equal(new Uint8Array(await blob.arrayBuffer()), bytes.subarray(start, end));
    }),
    law("refuses what is no range of it", async (source, [bytes, start, end]) => {
      const { length } = bytes;
      const bad = [{ start: -1 }, { end: length + 1 }, { start: 0.5 }, { start: Number.NaN }];
      if (start < end) bad.push({ start: end, end: start } as { start: number });
      for (const range of bad) throws(RangeError, () => source.stream(range));
      throws(TypeError, () => source.stream({ start: "0" as unknown as number }));
    }),
    law("errors with the reason of an abort, before and while it is read", async (source) => {
      const reason = { why: "enough" };
      const aborted = source.stream({ signal: AbortSignal.abort(reason) }).getReader();
      same(await rejection(aborted.read()), reason, "reason");
      if (!source.replayable) return;
      const controller = new AbortController();
      const reader = source.stream({ signal: controller.signal }).getReader();
      const { done } = await reader.read();
      controller.abort(reason);
      if (!done) {
        const after = await reader.read().catch((error: unknown) => ({ done: "error", error }) as const);
        if (after.done === "error") same(after.error, reason, "reason");
        else if (!after.done) throw new Error("a chunk came after the abort");
      }
      if (source.read) same(await rejection(source.read(new Uint8Array(9), 0, controller)), reason, "reason of read");
    }),
    law("is closed once, and then refuses to be read", async (source, [, , , step]) => {
      const running = source.stream().getReader();
      await Promise.all([source.close(), source.close()]);
      await source[Symbol.asyncDispose]?.();
      if (!((await rejection(running.read())) instanceof TypeError)) throw new Error("a stream outlived its source");
      throws(TypeError, () => source.stream());
      const late = source.read && (await rejection(source.read(new Uint8Array(step), 0)));
      if (late !== undefined && !(late instanceof TypeError)) throw new Error("read worked on a closed source");
    }),
  ];

  function law(name: string, check: (source: ByteSource, given: Case) => Promise<void>): Law {
    return {
      name,
      check: () =>
        fc.assert(
          fc.asyncProperty(cases(inputs), async (given) => {
            const source = await create(given[0].slice());
            try {
              await check(source, given);
            } finally {
              await source.close();
            }
          }),
          { numRuns: runs },
        ),
    };
  }
}

function someBytes(): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  return fc.uint8Array({ maxLength: 4096 }).map((bytes) => bytes.slice());
}

function cases(inputs: fc.Arbitrary<Uint8Array<ArrayBuffer>>): fc.Arbitrary<Case> {
  return inputs.chain((bytes) => {
    const offset = fc.nat({ max: bytes.byteLength });
    return fc
      .tuple(offset, offset, fc.integer({ min: 1, max: 1500 }))
      .map(([a, b, step]): Case => [bytes, Math.min(a, b), Math.max(a, b), step]);
  });
}

async function chunksOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Uint8Array<ArrayBuffer>[]> {
  const reader = stream.getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value);
  return chunks;
}

/** undefined where the stream, or the runtime, has no such readers. */
async function chunksIntoBuffers(stream: ReadableStream, size: number): Promise<Uint8Array[] | undefined> {
  let reader: ReadableStreamBYOBReader;
  try {
    reader = stream.getReader({ mode: "byob" });
  } catch {
    return undefined;
  }
  const chunks: Uint8Array[] = [];
  let buffer = new ArrayBuffer(size);
  while (true) {
    const { done, value } = await reader.read(new Uint8Array(buffer));
    if (done) return chunks;
    chunks.push(value.slice());
    buffer = value.buffer;
  }
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}

function equal(received: Uint8Array, expected: Uint8Array): void {
  same(received.byteLength, expected.byteLength, "bytes");
  const wrong = received.findIndex((byte, index) => byte !== expected[index]);
  if (wrong >= 0) throw new Error(`expected ${expected[wrong]} at byte ${wrong}, received ${received[wrong]}`);
}

function same(received: unknown, expected: unknown, what: string): void {
  if (received !== expected) throw new Error(`${what}: expected ${String(expected)}, received ${String(received)}`);
}

function throws(kind: ErrorConstructor, work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (error instanceof kind) return;
    throw new Error(`expected a ${kind.name}, received ${String(error)}`, { cause: error });
  }
  throw new Error(`expected a ${kind.name}, received no error`);
}

function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error("expected a rejection, received a value");
    },
    (error: unknown) => error,
  );
}
