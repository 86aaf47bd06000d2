import { type ByteSource, bytesSource, SizeMismatchError } from "@sluice/source";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Segment } from "./segment.ts";
import { SegmentReader } from "./segment-reader.ts";

/** A source of the bytes, read by position or as a stream of chunks. */
function sourceOf(bytes: Uint8Array<ArrayBuffer>, chunk: number | undefined, size = bytes.byteLength): ByteSource {
  const source = bytesSource(bytes);
  return {
    size,
    name: "a.bin",
    type: undefined,
    replayable: true,
    fingerprint: undefined,
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
    ...(chunk === undefined && { read: (into: Uint8Array, position: number) => readAt(bytes, into, position) }),
    stream: () =>
      chunk === undefined
        ? source.stream()
        : new ReadableStream<Uint8Array<ArrayBuffer>>({
            start(controller) {
              for (let at = 0; at < bytes.byteLength; at += chunk) controller.enqueue(bytes.slice(at, at + chunk));
              controller.close();
            },
          }),
  };
}

async function readAt(bytes: Uint8Array, into: Uint8Array, position: number): Promise<number> {
  const found = bytes.subarray(position, position + into.byteLength);
  into.set(found);
  return found.byteLength;
}

const segments = fc.array(
  fc.tuple(
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom("bytes", "read", "stream"),
    fc.integer({ min: 1, max: 9 }),
  ),
  { maxLength: 6 },
);

async function readAll(reader: SegmentReader, buffer: number): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const chunk = await reader.next((left) => new Uint8Array(Math.min(buffer, left)));
    if (!chunk) return chunks;
    chunks.push(chunk.slice());
  }
}

describe("SegmentReader", () => {
  test("gives all bytes in order, into buffers of any size, and never an empty chunk", () =>
    fc.assert(
      fc.asyncProperty(segments, fc.integer({ min: 1, max: 64 }), async (parts, buffer) => {
        const list = parts.map(([bytes, kind, chunk]): Segment => {
          const own = new Uint8Array(bytes);
          if (kind === "bytes") return { kind: "bytes", bytes: own };
          return { kind: "source", source: sourceOf(own, kind === "read" ? undefined : chunk) };
        });
        const chunks = await readAll(new SegmentReader(list), buffer);
        expect(chunks.flatMap((chunk) => [...chunk])).toEqual(parts.flatMap(([bytes]) => [...bytes]));
        expect(chunks.every((chunk) => chunk.byteLength > 0)).toBe(true);
      }),
    ));

  test("puts the head, a file and the tail of a form into one chunk", async () => {
    const bytes = (text: string): Segment => ({ kind: "bytes", bytes: new TextEncoder().encode(text) });
    const file: Segment = { kind: "source", source: sourceOf(Uint8Array.of(1, 2, 3), undefined) };
    const chunks = await readAll(new SegmentReader([bytes("head"), file, bytes("tail")]), 100);
    expect(chunks.length).toBe(1);
  });

  test("lets a source put off the look at whether it changed, never past its last bytes, nor for long", async () => {
    const MiB = 1024 ** 2;
    const looks: number[] = [];
    const source: ByteSource = {
      ...sourceOf(new Uint8Array(0), undefined),
      size: 150 * MiB,
      async read(into, position, options) {
        if (!options?.more) looks.push((position + into.byteLength) / MiB);
        return into.byteLength;
      },
    };
    const tail: Segment = { kind: "bytes", bytes: new Uint8Array(9) };
    const reader = new SegmentReader([tail, { kind: "source", source }, tail]);
    const buffer = new Uint8Array(20 * MiB);
    while (await reader.next(() => buffer));
    expect(looks.map(Math.round)).toEqual([80, 140, 150]);
  });

  test.each([
    ["read", undefined, 10, 7],
    ["stream", 3, 10, 7],
    ["stream", 3, 5, 6],
  ] as const)(
    "fails where a source (%s, chunks of %s) that said %i bytes gives others",
    async (_, chunk, said, received) => {
      const list: Segment[] = [{ kind: "source", source: sourceOf(new Uint8Array(7), chunk, said) }];
      const error = await readAll(new SegmentReader(list), 100).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(SizeMismatchError);
      expect(error).toMatchObject({ code: "size-mismatch", expected: said, received });
      expect((error as Error).message).toContain('"a.bin"');
    },
  );

  test("fails where a stream gives something other than bytes", async () => {
    const open = () => new ReadableStream({ start: (controller) => controller.enqueue("text") });
    const segment: Segment = { kind: "stream", size: undefined, name: "it", source: { replayable: true }, open };
    await expect(readAll(new SegmentReader([segment]), 9)).rejects.toThrow(
      "Cannot send it: a chunk must be a Uint8Array, received string",
    );
  });

  test("cancel() cancels the stream it reads, aborts its signal and reads no more", async () => {
    let cancelled: unknown;
    let signal: AbortSignal | undefined;
    const segment: Segment = {
      kind: "stream",
      size: undefined,
      name: "it",
      source: { replayable: false },
      open(given) {
        signal = given;
        return new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(5)),
          cancel(reason) {
            cancelled = reason;
          },
        });
      },
    };
    const reader = new SegmentReader([segment]);
    expect(reader.spent).toBe(false);
    await reader.next(() => new Uint8Array(1));
    expect(reader.spent).toBe(true);
    const reason = new Error("stop");
    await reader.cancel(reason);
    expect(cancelled).toBe(reason);
    expect(signal?.reason).toBe(reason);
    await expect(reader.next(() => new Uint8Array(1))).rejects.toBe(reason);
  });
});
