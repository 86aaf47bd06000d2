import { bytesSource, streamSource } from "@sluice/source";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createMemory, NeedsSizeError, type Progress, TooLargeError, upload } from "./index.ts";
import { MemoryTarget } from "./testing.ts";

const bytesOf = (size: number) => Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) & 0xff);

/** The bytes in chunks of these sizes, over and over. */
function* cut(bytes: Uint8Array<ArrayBuffer>, sizes: readonly number[]) {
  for (let offset = 0, index = 0; offset < bytes.byteLength; index += 1) {
    const end = offset + (sizes[index % sizes.length] ?? 1);
    yield bytes.subarray(offset, end);
    offset = end;
  }
}

/** The same as a byte stream, where there are those: WebKitGTK 2.50 has none. */
function byteStream(chunks: Iterable<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array> | Iterable<Uint8Array> {
  const iterator = chunks[Symbol.iterator]();
  try {
    return new ReadableStream({
      type: "bytes",
      pull(controller) {
        const { done, value } = iterator.next();
        if (!done) return controller.enqueue(value.slice());
        controller.close();
        controller.byobRequest?.respond(0);
      },
    });
  } catch {
    return chunks;
  }
}

/** How many bytes `work` copies. */
async function copiedBytes(work: () => Promise<unknown>): Promise<number> {
  const { set } = Uint8Array.prototype;
  let copied = 0;
  Uint8Array.prototype.set = function (source, offset) {
    copied += source.length;
    set.call(this, source, offset);
  };
  try {
    await work();
  } finally {
    Uint8Array.prototype.set = set;
  }
  return copied;
}

/** Takes parts and looks at their sizes, so that nothing but the uploader touches their bytes. */
function sizesOnly(limits: { preferredPartSize: number; maxParts?: number; maxBytes?: number; minPartSize?: number }) {
  const sizes: number[] = [];
  const target = {
    name: "sizes",
    limits,
    repeat: "harmless" as const,
    create: async () => "session",
    async put(_: string, { size, body }: { size: number | undefined; body: { stream(): ReadableStream<Uint8Array> } }) {
      let read = 0;
      for (const reader = body.stream().getReader(); ; ) {
        const { done, value } = await reader.read();
        if (done) break;
        read += value.byteLength;
      }
      if (read !== size) throw new Error(`a part of ${size} has ${read}`);
      sizes.push(read);
      return read;
    },
    complete: async (_: string, receipts: number[]) => receipts.reduce((sum, size) => sum + size, 0),
    cancel: async () => {},
  };
  return { target, sizes };
}

describe("a source that can be read only once", () => {
  test("arrives byte for byte, however it is cut and whatever the part size, within the memory", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(400),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 64, max: 200 }),
        fc.boolean(),
        fc.constantFrom(byteStream, (chunks: ReturnType<typeof cut>) => chunks),
        async (size, cuts, partSize, concurrency, limit, known, make) => {
          const bytes = bytesOf(size);
          const memory = createMemory(limit);
          const target = new MemoryTarget();
          const { put } = target;
          let most = 0;
          target.put = (...given) => {
            most = Math.max(most, memory.used);
            return put.apply(target, given);
          };
          const source = streamSource(make(cut(bytes, cuts)), known ? { size } : {});
          const whole = await upload(source, target, { partSize, concurrency, memory });
          expect([...whole]).toEqual([...bytes]);
          expect(most).toBeLessThanOrEqual(limit);
          expect(memory.used).toBe(0);
          expect(target.mostInFlight).toBeLessThanOrEqual(concurrency);
        },
      ),
    );
  });

  test("copies each byte of small chunks once, and none of large ones", async () => {
    const size = 3_000_000;
    const { target } = sizesOnly({ preferredPartSize: 700_000 });
    const small = Array.from({ length: size / 1_000 }, () => new Uint8Array(1_000));
    expect(await copiedBytes(() => upload(streamSource(small), target))).toBe(size);
    const large = Array.from({ length: 10 }, () => new Uint8Array(size / 10));
    expect(await copiedBytes(() => upload(streamSource(large), target))).toBe(0);
    // Views of a larger buffer would keep all of it alive.
    const views = Array.from({ length: 10 }, () => new Uint8Array(size).subarray(0, size / 10));
    expect(await copiedBytes(() => upload(streamSource(views), target))).toBe(size);
    // A byte stream is read into one piece of memory, over and over; where there are none, its chunks stay as they are.
    // Streams that are written in JavaScript, as Deno's and the polyfill's, copy once more to get there, and are seen.
    const copied = await copiedBytes(() => upload(streamSource(byteStream(large)), target));
    expect([0, size, 2 * size]).toContain(copied);
  });

  test("is copied where it is read into memory that is used again, however large its chunks", async () => {
    const MiB = 1 << 20;
    const bytes = bytesOf(4 * MiB + 7).map((byte, index) => byte ^ (index >> 16));
    const source = streamSource(byteStream(cut(bytes, [MiB])), { size: bytes.byteLength });
    const whole = await upload(source, new MemoryTarget(), { partSize: 3 * MiB, concurrency: 2 });
    expect(whole.byteLength).toBe(bytes.byteLength);
    expect(whole.findIndex((byte, index) => byte !== bytes[index])).toBe(-1);
  });

  test("of an unknown length comes in parts that grow, so that their number limits no size", async () => {
    const { target, sizes } = sizesOnly({ preferredPartSize: 4, maxParts: 20 });
    const size = 1_000;
    expect(await upload(streamSource(cut(bytesOf(size), [7])), target, { concurrency: 1 })).toBe(size);
    expect(sizes.slice(0, 6)).toEqual([4, 4, 8, 8, 16, 16]);
    expect(sizes.length).toBeLessThanOrEqual(20);
    const { target: few } = sizesOnly({ preferredPartSize: 4, maxParts: 2 });
    await expect(upload(streamSource(cut(bytesOf(size), [7])), few)).rejects.toBeInstanceOf(TooLargeError);
  });

  test('with partSize "chunks" each chunk is a part', async () => {
    const { target, sizes } = sizesOnly({ preferredPartSize: 100 });
    const chunks = [3, 0, 5, 1].map((size) => new Uint8Array(size));
    await upload(streamSource(chunks), target, { partSize: "chunks", concurrency: 1 });
    expect(sizes.splice(0)).toEqual([3, 5, 1]);
    await upload(streamSource(byteStream([chunks[0] as Uint8Array<ArrayBuffer>, new Uint8Array(5)])), target, {
      partSize: "chunks",
      concurrency: 1,
    });
    expect(sizes).toEqual([3, 5]);
    const { target: choosy } = sizesOnly({ preferredPartSize: 100, minPartSize: 4 });
    const short = upload(streamSource(chunks), choosy, { partSize: "chunks" });
    await expect(short).rejects.toThrow(
      '"chunk" must be a part of 4 to 134217728 bytes, as "partSize" is "chunks", received 3',
    );
    await upload(streamSource([new Uint8Array(4), new Uint8Array(1)]), choosy, { partSize: "chunks" });
    const large = upload(streamSource([new Uint8Array(20)]), target, { partSize: "chunks", memory: 10 });
    await expect(large).rejects.toThrow('"chunk" must be a part of 1 to 10 bytes');
  });

  test("empty, it is one empty part", async () => {
    const { target, sizes } = sizesOnly({ preferredPartSize: 4 });
    await upload(streamSource([]), target);
    await upload(streamSource([new Uint8Array(0)], { size: 0 }), target);
    expect(sizes).toEqual([0, 0]);
  });

  test("goes to a target that takes one part as one stream, once", async () => {
    const target = new MemoryTarget({ maxParts: 1 });
    const bytes = bytesOf(500);
    expect([...(await upload(streamSource(cut(bytes, [9])), target, { partSize: 1_000 }))]).toEqual([...bytes]);
    let puts = 0;
    const failing = new MemoryTarget({ maxParts: 1 }, (call) => {
      if (call !== "put") return undefined;
      puts += 1;
      return "lose the reply";
    });
    await expect(upload(streamSource(cut(bytes, [9])), failing)).rejects.toThrow("the reply to put was lost");
    expect(puts).toBe(1);
    const small = new MemoryTarget({ maxParts: 1, maxBytes: 100 });
    await expect(upload(streamSource(cut(bytes, [9])), small)).rejects.toBeInstanceOf(TooLargeError);
  });

  test("is refused where the target must know its size, with both ways out", async () => {
    const error = await upload(streamSource([]), new MemoryTarget({ needsSize: true })).catch((reason) => reason);
    expect(error).toBeInstanceOf(NeedsSizeError);
    expect(error.message).toMatch(/"size".*"spool"/);
  });

  test("is refused when not one part fits into the memory", async () => {
    const target = new MemoryTarget({ minPartSize: 5_000, preferredPartSize: 5_000 });
    await expect(upload(streamSource([new Uint8Array(1)]), target, { memory: 4_999 })).rejects.toThrow(
      '"memory" must be at least 5000, one part of a stream that can be read only once, received 4999',
    );
  });

  test.each([
    [4, 3],
    [2, 3],
  ])("of a size given as %i with %i bytes is an error, and nothing stays at the target", async (size, length) => {
    const target = new MemoryTarget();
    const uploading = upload(streamSource([bytesOf(length)], { size }), target);
    await expect(uploading).rejects.toMatchObject({ code: "size-mismatch", cleanup: { state: "canceled" } });
    expect(target.uploads.get("upload-0")?.state).toBe("canceled");
  });

  test("of a wrong size is an error, too, where it goes as one stream", async () => {
    for (const size of [2, 4]) {
      // Held to its size by nobody else.
      const source = { ...streamSource([]), size, stream: () => new Blob([bytesOf(3)]).stream() };
      const uploading = upload(source as never, new MemoryTarget({ maxParts: 1 }));
      await expect(uploading).rejects.toMatchObject({ code: "size-mismatch" });
    }
  });

  test("that fails in the middle fails the upload with its own error", async () => {
    const failure = new Error("the tape tore");
    const target = new MemoryTarget();
    async function* tape() {
      yield bytesOf(20);
      throw failure;
    }
    await expect(upload(streamSource(tape()), target, { partSize: 8 })).rejects.toBe(failure);
    expect(target.uploads.get("upload-0")?.state).toBe("canceled");
  });

  test("an abort while it gives nothing ends at once and lets go of it", async () => {
    const abort = new AbortController();
    let canceled: unknown;
    const silent = new ReadableStream<Uint8Array<ArrayBuffer>>({
      cancel(reason) {
        canceled = reason;
      },
    });
    const uploading = upload(streamSource(silent), new MemoryTarget(), { signal: abort.signal });
    uploading.catch(() => {});
    for (let turn = 0; turn < 100; turn += 1) await null;
    abort.abort("enough");
    await expect(uploading).rejects.toBe("enough");
    expect(canceled).toBe("enough");
  });

  test("counts what was read, and knows the total at the end", async () => {
    const reports: Progress[] = [];
    await upload(streamSource(cut(bytesOf(100), [9])), new MemoryTarget(), {
      partSize: 10,
      onProgress: (progress) => void reports.push(progress),
    });
    expect(reports[0]?.total).toBeUndefined();
    expect(reports.at(-1)).toMatchObject({
      read: 100,
      sent: 100,
      acknowledged: 100,
      total: 100,
      parts: { done: 10, total: 10 },
    });
  });
});

describe("a memory that is shared", () => {
  test("bounds all uploads together, and none waits for ever", async () => {
    const memory = createMemory(100);
    const target = new MemoryTarget();
    const { put } = target;
    let most = 0;
    target.put = async (...given) => {
      most = Math.max(most, memory.used);
      return put.apply(target, given);
    };
    const uploads = Array.from({ length: 12 }, (_, index) => {
      const bytes = bytesOf(300 + index);
      const source = index % 3 ? streamSource(cut(bytes, [index + 1])) : bytesSource(bytes);
      return upload(source, target, { partSize: 40, memory }).then((whole) => expect(whole).toEqual(bytes));
    });
    await Promise.all(uploads);
    expect(most).toBeLessThanOrEqual(100);
    expect(memory.used).toBe(0);
  });

  test.each([0, 1.5, -1, Number.NaN])("of %d bytes is refused", (bytes) => {
    expect(() => createMemory(bytes)).toThrow('Cannot create a memory: "bytes" must be a whole number >= 1');
  });
});
