import { describe, expect, test } from "vitest";
import * as ponyfill from "web-streams-polyfill";
import { adopt, type StreamFamily, transformPair } from "./index.ts";

const crossings: [string, StreamFamily, StreamFamily][] = [
  ["native → ponyfill", globalThis, ponyfill],
  ["ponyfill → native", ponyfill, globalThis],
];

describe.each(crossings)("adopt %s", (_, from, to) => {
  const foreignReadable = <T>(source: UnderlyingDefaultSource<T>) =>
    new (from.ReadableStream as typeof ReadableStream)<T>(source, { highWaterMark: 0 });
  const foreignWritable = <T>(sink: UnderlyingSink<T>) => new (from.WritableStream as typeof WritableStream)<T>(sink);

  test("makes streams of the family, which its pipes accept", async () => {
    const written: string[] = [];
    let left = ["a", "b"];
    const readable = adopt(
      foreignReadable<string>({
        pull(controller) {
          const [chunk, ...rest] = left;
          left = rest;
          if (chunk === undefined) controller.close();
          else controller.enqueue(chunk);
        },
      }),
      to,
    );
    const stage = adopt(transformPair<string, string>({}, {}, {}, { streams: from }), to);
    const writable = adopt(foreignWritable<string>({ write: (chunk) => void written.push(chunk) }), to);
    expect(readable).toBeInstanceOf(to.ReadableStream);
    expect(writable).toBeInstanceOf(to.WritableStream);
    await readable.pipeThrough(stage).pipeTo(writable);
    expect(written).toEqual(["a", "b"]);
  });

  test("asks for one chunk a read", async () => {
    let pulls = 0;
    const readable = adopt(
      foreignReadable<number>({
        pull(controller) {
          pulls += 1;
          controller.enqueue(pulls);
        },
      }),
      to,
    );
    await turn();
    expect(pulls).toBe(0);
    await readable.getReader().read();
    await turn();
    expect(pulls).toBe(1);
  });

  test("passes cancels, aborts and errors on, with their reason", async () => {
    const reasons: unknown[] = [];
    await adopt(foreignReadable({ cancel: (reason) => void reasons.push(reason) }), to).cancel("cancel");
    await adopt(foreignWritable({ abort: (reason) => void reasons.push(reason) }), to).abort("abort");
    expect(reasons).toEqual(["cancel", "abort"]);

    let fail = (_reason: unknown): void => {};
    const failing = foreignReadable({
      start(controller) {
        fail = (reason) => controller.error(reason);
      },
    });
    const reader = adopt(failing, to).getReader();
    fail("failed while nobody read");
    await expect(reader.closed).rejects.toBe("failed while nobody read");

    const sink = adopt(foreignWritable({ write: () => Promise.reject("full") }), to);
    const writer = sink.getWriter();
    await expect(writer.write(1)).rejects.toBe("full");
    await expect(writer.closed).rejects.toBe("full");
  });

  test("holds writes back until the foreign stream is ready", async () => {
    let release = (): void => {};
    const writable = adopt(
      foreignWritable<number>({
        write: () =>
          new Promise<void>((resolve) => {
            release = resolve;
          }),
      }),
      to,
    );
    const writer = writable.getWriter();
    let done = false;
    writer.write(1).then(() => {
      done = true;
    });
    await turn();
    expect([done, writer.desiredSize]).toEqual([false, 0]);
    release();
    await turn();
    expect([done, writer.desiredSize]).toEqual([true, 1]);
  });
});

describe("adopt", () => {
  test("returns what is of the family already", () => {
    const { readable, writable } = new TransformStream();
    expect(adopt(readable)).toBe(readable);
    expect(adopt(writable)).toBe(writable);
  });

  test("reads an async generator one value at a time and returns from it on cancel", async () => {
    const calls: string[] = [];
    async function* numbers() {
      try {
        for (let value = 0; ; value += 1) {
          calls.push(`yield ${value}`);
          yield value;
        }
      } finally {
        calls.push("finally");
      }
    }
    const reader = adopt(numbers()).getReader();
    expect((await reader.read()).value).toBe(0);
    await reader.cancel("enough");
    expect(calls).toEqual(["yield 0", "finally"]);
  });

  test.each([
    ["text", "abc", "string"],
    ["bytes", new Uint8Array(3), "an array of bytes"],
    ["nothing", undefined, "undefined"],
    ["null", null, "null"],
    ["an object", {}, "object"],
  ])("refuses %s", (_, given, received) => {
    expect(() => adopt(given as never)).toThrow(
      new TypeError(
        `Cannot adopt a stream: expected a ReadableStream, a WritableStream, a pair of them, a Node Readable or an iterable of chunks, received ${received}`,
      ),
    );
  });
});

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
