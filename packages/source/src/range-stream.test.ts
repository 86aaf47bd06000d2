import fc from "fast-check";
import { expect, test } from "vitest";
import { type RangeReader, type RangeStreamOptions, rangeStream } from "./_range-stream.ts";

const BYTES = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);

/** A reader that gives at most `most` bytes at a time, and counts. */
function counting(most: number) {
  const seen = { reads: 0, closes: 0, verified: [] as number[] };
  const reader: RangeReader = {
    async read(into, position) {
      seen.reads += 1;
      const part = BYTES.subarray(position, position + Math.min(into.byteLength, most));
      into.set(part);
      return part.byteLength;
    },
    verify: (end) => void seen.verified.push(end),
    close() {
      seen.closes += 1;
    },
  };
  return { seen, reader };
}

const whole = (more: Partial<RangeStreamOptions> = {}) => ({ start: 0, end: 1000, signals: [], ...more });

test.each([true, false])("rangeStream survives short reads (byte streams: %s)", async (byteStreams) => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 }), async (most, chunkSize) => {
      const { seen, reader } = counting(most);
      const received = await new Response(rangeStream(() => reader, whole({ chunkSize, byteStreams }))).bytes();
      expect(received).toEqual(BYTES);
      expect(seen).toMatchObject({ closes: 1, verified: [1000] });
    }),
    { numRuns: 30 },
  );
});

test.each([true, false])("rangeStream reads nothing before it is asked to (byte streams: %s)", async (byteStreams) => {
  const { seen, reader } = counting(100);
  const stream = rangeStream(() => reader, whole({ byteStreams, chunkSize: 100 }));
  await Promise.resolve();
  expect(seen.reads).toBe(0);
  await stream.getReader().read();
  expect(seen.reads).toBe(1);
});

test.each([true, false])("rangeStream withholds the last bytes until they are verified (%s)", async (byteStreams) => {
  const { seen, reader } = counting(1000);
  reader.verify = () => Promise.reject(new Error("changed"));
  const received = rangeStream(() => reader, whole({ byteStreams })).getReader();
  await expect(received.read()).rejects.toThrow("changed");
  expect(seen.closes).toBe(1);
});

test.each([true, false])("rangeStream ends at 0 bytes where the end is not known (%s)", async (byteStreams) => {
  const { seen, reader } = counting(300);
  const stream = rangeStream(() => reader, whole({ end: Infinity, byteStreams }));
  expect(await new Response(stream).bytes()).toEqual(BYTES);
  expect(seen.closes).toBe(1);
});

test.each([true, false])(
  "rangeStream closes its reader on cancel, after the read in flight (%s)",
  async (byteStreams) => {
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const began = Promise.withResolvers<void>();
    const stream = rangeStream(
      () => ({
        async read() {
          began.resolve();
          await gate.promise;
          order.push("read");
          return 1;
        },
        close: () => void order.push("close"),
      }),
      whole({ byteStreams }),
    );
    const reader = stream.getReader();
    const pending = reader.read();
    await began.promise;
    const canceled = reader.cancel().then(() => order.push("cancel"));
    gate.resolve();
    await canceled;
    expect((await pending).done).toBe(true);
    expect(order).toEqual(["read", "close", "cancel"]);
  },
);

test.each([true, false])(
  "rangeStream rejects at once on an abort, and closes after the read (%s)",
  async (byteStreams) => {
    const { reader, seen } = counting(100);
    const controller = new AbortController();
    const reason = { enough: true };
    const { read } = reader;
    reader.read = (into, position) => {
      if (position > 0) controller.abort(reason);
      return read(into, position);
    };
    const received = rangeStream(() => reader, whole({ byteStreams, signals: [controller.signal] })).getReader();
    await received.read();
    await expect(received.read()).rejects.toBe(reason);
    await expect(received.closed).rejects.toBe(reason);
    await new Promise((resolve) => setTimeout(resolve));
    expect(seen).toMatchObject({ reads: 2, closes: 1 });
  },
);

test("rangeStream closes its reader when a read fails, and then passes the error on", async () => {
  const { reader } = counting(100);
  let closed = false;
  reader.read = () => Promise.reject(new Error("EIO"));
  reader.close = async () => {
    await new Promise((resolve) => setTimeout(resolve));
    closed = true;
  };
  await expect(
    rangeStream(() => reader, whole())
      .getReader()
      .read(),
  ).rejects.toThrow("EIO");
  expect(closed).toBe(true);
});

test("rangeStream hands a reader's buffer back at the end, also one that wants a minimum", async () => {
  const { reader } = counting(1000);
  const received = rangeStream(() => reader, whole({ start: 990 })).getReader({ mode: "byob" });
  const options = { min: 64 } as ReadableStreamBYOBReaderReadOptions;
  const first = await received.read(new Uint8Array(64), options);
  expect(first.value?.byteLength).toBe(10);
  const last = await received.read(new Uint8Array(64), options);
  expect([last.done, last.value?.buffer.byteLength]).toEqual([true, 64]);
});

test("rangeStream does not hang on a signal that nobody reads under", async () => {
  const listeners: string[] = [];
  const signal = Object.assign(new AbortController().signal, {
    addEventListener: (type: string) => listeners.push(`+${type}`),
    removeEventListener: (type: string) => listeners.push(`-${type}`),
  });
  const { reader } = counting(1000);
  const stream = rangeStream(() => reader, whole({ signals: [signal] }));
  expect(listeners).toEqual([]);
  await new Response(stream).bytes();
  expect(listeners).toEqual(["+abort", "-abort"]);
});
