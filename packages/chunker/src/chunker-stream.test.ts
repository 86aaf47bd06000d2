import { adopt, codecStream, fuse } from "@sluice/streams";
import { stageLaws } from "@sluice/streams/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ChunkerStream, chunkerCodec } from "./index.ts";

const MIB = 1 << 20;

describe.each([1, 3, 100, 1024, 1 << 16, MIB, MIB + 1])("ChunkerStream of %i", (size) => {
  const laws = stageLaws({
    create: (options) => new ChunkerStream(size, options),
    expected: (input) => input,
    inputs: fc.uint8Array({ maxLength: size < 100 ? 200 : 4096 }),
    runs: 20,
  });
  test.each(laws.map(({ name, check }) => [name, check] as const))("%s", (_, check) => check());

  test("emits the same chunks for every split", async () => {
    const input = Uint8Array.from({ length: Math.min(size * 3 + 1, 5000) }, (_, index) => index * 7);
    for (const step of [1, size - 1, size, size + 1, input.length]) {
      if (step < 1 || input.length / step > 5000) continue;
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < input.length; at += step) chunks.push(input.subarray(at, at + step));
      const output = await Array.fromAsync(adopt(chunks).pipeThrough(new ChunkerStream(size)));
      const sizes = output.map(({ length }) => length);
      expect(sizes.slice(0, -1).every((length) => length === size)).toBe(true);
      expect(sizes.at(-1)).toBe(input.length % size || Math.min(size, input.length));
    }
  });
});

describe("ChunkerStream", () => {
  test.each([4 * MIB, MIB, 64 << 10, 1 << 10])(
    "cuts one large chunk into views of %i bytes, without a copy",
    async (size) => {
      const chunk = new Uint8Array(8 * MIB);
      const output = await Array.fromAsync(adopt([chunk]).pipeThrough(new ChunkerStream(size)));
      expect(output.length).toBe(chunk.length / size);
      expect(output.every(({ buffer, length }) => buffer === chunk.buffer && length === size)).toBe(true);
    },
  );

  test("cuts a large chunk into small ones one further than it is read", async () => {
    let cuts = 0;
    const chunk = new Uint8Array(MIB);
    chunk.subarray = (start, end) => {
      cuts += 1;
      return new Uint8Array(chunk.buffer, start, (end ?? 0) - (start ?? 0));
    };
    const reader = adopt([chunk]).pipeThrough(new ChunkerStream(1)).getReader();
    for (let count = 1; count <= 5; count += 1) {
      await reader.read();
      for (let turn = 0; turn < 20; turn += 1) await null;
      expect(cuts).toBe(count + 1);
    }
    await reader.cancel();
  });

  test("has a codec that fuses with others", async () => {
    const stage = codecStream(fuse(chunkerCodec(2), { transform: (chunk: Uint8Array, emit) => emit(chunk.length) }));
    expect(await Array.fromAsync(adopt([new Uint8Array(5)]).pipeThrough(stage))).toEqual([2, 2, 1]);
  });

  test.each([
    [0, RangeError, "0"],
    [-1, RangeError, "-1"],
    [1.5, RangeError, "1.5"],
    [Number.NaN, RangeError, "NaN"],
    [Number.POSITIVE_INFINITY, RangeError, "Infinity"],
    ["64", TypeError, "string"],
    [undefined, TypeError, "undefined"],
    [64n, TypeError, "bigint"],
  ])("refuses a size of %s", (size, Kind, shown) => {
    const requirement = `"size" must be a positive integer, received ${shown}`;
    expect(() => new ChunkerStream(size as number)).toThrow(new Kind(`Cannot construct ChunkerStream: ${requirement}`));
    expect(() => chunkerCodec(size as number)).toThrow(new Kind(`Cannot make a chunker codec: ${requirement}`));
  });
});
