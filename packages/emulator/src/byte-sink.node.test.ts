import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BlockSink } from "./byte-sink.ts";

const BLOCK = 64;

/** A worker's side that gives blocks back when told to, and keeps what it was sent. */
function openSink() {
  const sent: number[] = [];
  const waiting: number[] = [];
  let aborted = false;
  const sink = new BlockSink(
    {
      take: () => new ArrayBuffer(BLOCK),
      send(block, length) {
        waiting.push(length);
        sent.push(...new Uint8Array(block, 0, length));
      },
      finish: async () => ({ md5: "", sha256: "" }),
      abort() {
        aborted = true;
      },
    },
    undefined,
  );
  const giveBack = () => {
    if (waiting.shift() !== undefined) sink.blockReturned();
  };
  return { sink, sent, waiting, giveBack, isAborted: () => aborted };
}

describe("BlockSink", () => {
  test("passes on what it takes in order, with three blocks out at most", async () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 500 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(chunks, async (given) => {
        const { sink, sent, waiting, giveBack } = openSink();
        for (const chunk of given) {
          const before = chunk.slice();
          const held = sink.write(chunk);
          expect(waiting.length).toBeLessThanOrEqual(3);
          if (held !== undefined) {
            let done = false;
            held.then(() => {
              done = true;
            });
            while (!done) {
              expect(waiting.length).toBe(3);
              giveBack();
              await new Promise(setImmediate);
            }
          }
          expect(chunk).toEqual(before);
        }
        expect((await sink.finish()).size).toBe(sent.length);
        expect(sent).toEqual(given.flatMap((chunk) => [...chunk]));
      }),
    );
  });

  test("asks to wait only when three blocks are out", () => {
    const { sink, giveBack } = openSink();
    expect(sink.write(new Uint8Array(3 * BLOCK))).toBeUndefined();
    giveBack();
    expect(sink.write(new Uint8Array(BLOCK))).toBeUndefined();
    expect(sink.write(new Uint8Array(1))).toBeInstanceOf(Promise);
  });

  test("ends a wait, and refuses what follows, when the worker fails", async () => {
    const { sink, isAborted } = openSink();
    const held = sink.write(new Uint8Array(4 * BLOCK));
    sink.fail(new Error("no space left"));
    await expect(held).rejects.toThrow("no space left");
    await expect(sink.write(new Uint8Array(1))).rejects.toThrow("no space left");
    sink.abort();
    expect(isAborted()).toBe(true);
  });
});
