import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { type Codec, codecStream, fuse } from "./index.ts";
import { stageLaws } from "./testing.ts";

/** Keeps up to two chunks back and says what happens to it. */
function recording(name: string, record: string[]): Codec<string, string> {
  let held = "";
  return {
    start: () => void record.push(`${name} start`),
    transform(chunk, emit) {
      if (held) emit(held);
      held = `${chunk}${name}`;
    },
    flush(emit) {
      record.push(`${name} flush`);
      if (held) emit(held);
      emit(`.${name}`);
    },
    cancel: () => void record.push(`${name} cancel`),
  };
}

function drive<In, Out>(codec: Codec<In, Out>, inputs: readonly In[]): Out[] {
  const outputs: Out[] = [];
  const emit = (chunk: Out) => void outputs.push(chunk);
  for (const input of inputs) codec.transform(input, emit);
  codec.flush?.(emit);
  return outputs;
}

describe("fuse", () => {
  test("gives what its codecs give one after the other", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 })), (inputs) => {
        const onebyone = drive(recording("b", []), drive(recording("a", []), inputs));
        expect(drive(fuse(recording("a", []), recording("b", [])), inputs)).toEqual(onebyone);
      }),
    );
  });

  test("starts all, flushes in order and cancels none that is flushed", async () => {
    const record: string[] = [];
    const codec = fuse(recording("a", record), recording("b", record), recording("c", record));
    await codec.start?.();
    drive(codec, ["x"]);
    await codec.cancel?.("too late");
    expect(record).toEqual(["a start", "b start", "c start", "a flush", "b flush", "c flush"]);
  });

  test.each(["start", "transform", "flush"] as const)("cancels all when %s of one throws", async (where) => {
    const record: string[] = [];
    const failure = new Error(where);
    const failing: Codec<string, string> = {
      transform: (chunk, emit) => emit(chunk),
      [where]: () => {
        throw failure;
      },
      cancel: () => void record.push("failing cancel"),
    };
    const codec = fuse(recording("a", record), failing, recording("c", record));
    await expect(
      (async () => {
        await codec.start?.();
        drive(codec, ["x", "y"]);
      })(),
    ).rejects.toBe(failure);
    await codec.cancel?.("again");
    const cancelled = record.filter((line) => line.endsWith("cancel"));
    // `a` has been flushed by the time the second one's flush throws.
    expect(cancelled).toEqual(
      where === "flush" ? ["failing cancel", "c cancel"] : ["a cancel", "failing cancel", "c cancel"],
    );
  });

  test("cancels the others when one cancel throws, and then says so", async () => {
    const record: string[] = [];
    const failure = new Error("cannot let go");
    const stubborn: Codec<string, string> = {
      transform() {},
      cancel() {
        throw failure;
      },
    };
    await expect(fuse(stubborn, recording("b", record)).cancel?.("stop")).rejects.toBe(failure);
    expect(record).toEqual(["b cancel"]);
  });

  const laws = stageLaws({
    create: (options) => {
      const add = (value: number): Codec<Uint8Array, Uint8Array> => ({
        transform: (chunk, emit) => emit(chunk.map((byte) => byte + value)),
      });
      return codecStream(fuse(add(1), add(2), add(3)), options);
    },
    expected: (input) => input.map((byte) => byte + 6),
  });
  test.each(laws.map(({ name, check }) => [name, check] as const))("as a stage: %s", (_, check) => check());

  test("types the ends of the chain", () => {
    const length: Codec<string, number> = { transform: (text, emit) => emit(text.length) };
    const even: Codec<number, boolean> = { transform: (value, emit) => emit(value % 2 === 0) };
    expectTypeOf(fuse(length, even)).toEqualTypeOf<Codec<string, boolean>>();
    // @ts-expect-error the first emits numbers and the second takes text
    fuse(length, length);
  });

  test("refuses no codecs and what is none", () => {
    expect(() => fuse(...([] as Codec<string, string>[]))).toThrow(TypeError);
    expect(() => fuse({} as never)).toThrow(
      new TypeError("Cannot fuse codecs: number 0 must have a transform function, received undefined"),
    );
  });
});
