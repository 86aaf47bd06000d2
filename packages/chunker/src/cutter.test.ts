import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chunkerCodec } from "./index.ts";

/** All that a codec emits for these chunks. */
function cut(size: number, chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer>[] {
  const output: Uint8Array<ArrayBuffer>[] = [];
  const codec = chunkerCodec(size);
  for (const chunk of chunks) codec.transform(chunk, (piece) => output.push(piece));
  codec.flush?.((piece) => output.push(piece));
  return output;
}

/** Counts the bytes that `set` copies while `work` runs. */
function countCopies(work: () => void): number {
  const { set } = Uint8Array.prototype;
  let copied = 0;
  Uint8Array.prototype.set = function (this: Uint8Array, source, offset) {
    copied += source.length;
    set.call(this, source, offset);
  };
  try {
    work();
  } finally {
    Uint8Array.prototype.set = set;
  }
  return copied;
}

const joined = (chunks: readonly Uint8Array[]) => chunks.flatMap((chunk) => [...chunk]);
const counting = (length: number, from = 0) => Uint8Array.from({ length }, (_, index) => from + index);
const splitInput = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });

describe("chunkerCodec", () => {
  test("emits chunks of exactly the size, a shorter last one, and every byte in order", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), splitInput, (size, chunks) => {
        const output = cut(size, chunks);
        expect(joined(output)).toEqual(joined(chunks));
        const last = output.pop();
        for (const piece of output) expect(piece.length).toBe(size);
        if (last) expect(last.length > 0 && last.length <= size).toBe(true);
      }),
    );
  });

  test("copies what does not lie inside one chunk, each byte once, and nothing else", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), splitInput, (size, chunks) => {
        let output: Uint8Array[] = [];
        const copied = countCopies(() => {
          output = cut(size, chunks);
        });
        const given = new Set(chunks.map(({ buffer }) => buffer));
        const own = output.filter(({ buffer }) => !given.has(buffer as ArrayBuffer));
        expect(copied).toBe(joined(own).length);

        // Which outputs may be copies: those that begin in one chunk and end in another, and a last one that is short.
        let boundary = 0;
        const boundaries = new Set([0]);
        for (const { length } of chunks) {
          boundary += length;
          boundaries.add(boundary);
        }
        let start = 0;
        for (const piece of output) {
          const end = start + piece.length;
          const inside = ![...boundaries].some((place) => place > start && place < end);
          if (inside && piece.length === size) expect(given).toContain(piece.buffer);
          start = end;
        }
      }),
    );
  });

  test("hands on a chunk that already has the size", () => {
    const chunk = counting(8);
    expect(cut(8, [chunk, chunk])).toEqual([chunk, chunk]);
    expect(cut(8, [chunk])[0]).toBe(chunk);
  });

  test("keeps no view of a chunk after the call", () => {
    const codec = chunkerCodec(6);
    const output: Uint8Array[] = [];
    const chunk = counting(4);
    codec.transform(chunk, (piece) => output.push(piece));
    chunk.fill(255);
    codec.transform(counting(4, 4), (piece) => output.push(piece));
    codec.flush?.((piece) => output.push(piece));
    expect(joined(output)).toEqual([...counting(8)]);
  });

  test("does not let a short last chunk hold the memory of a whole one", () => {
    expect(cut(1 << 20, [counting(100)]).map(({ buffer }) => buffer.byteLength)).toEqual([100]);
  });

  test("takes a size of 1 GiB for a stream of 3 bytes", () => {
    expect(cut(2 ** 30, [counting(1), counting(2, 1)])).toEqual([counting(3)]);
  });

  test("copies out of shared memory, which may change while a view of it is on its way", () => {
    const shared = new Uint8Array(new SharedArrayBuffer(8));
    const output = cut(4, [shared]);
    expect(output.map(({ buffer }) => buffer instanceof ArrayBuffer)).toEqual([true, true]);
    shared.fill(1);
    expect(joined(output)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  test("says so when there is no memory for a chunk", () => {
    expect(() => cut(Number.MAX_SAFE_INTEGER, [counting(1)])).toThrow(
      "Cannot cut the stream: no memory for a chunk of 9007199254740991 bytes. Choose a smaller size",
    );
  });

  test("refuses a chunk that is no Uint8Array", () => {
    expect(() => chunkerCodec(4).transform("text" as never, () => {})).toThrow(
      new TypeError("Cannot cut the stream: a chunk must be a Uint8Array, received string"),
    );
  });

  test("lets go of what it holds when it is cancelled", () => {
    const codec = chunkerCodec(4);
    const output: Uint8Array[] = [];
    codec.transform(counting(3), (piece) => output.push(piece));
    codec.cancel?.("stop");
    codec.flush?.((piece) => output.push(piece));
    expect(output).toEqual([]);
  });
});
