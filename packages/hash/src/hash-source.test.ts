import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createHasher, type HashableSource, hashSource } from "./index.ts";

/** Positional reads that give as much as they like, and never the same buffer's content twice. */
function reading(
  bytes: Uint8Array,
  most: number,
  log: { reads: number; buffers: Set<ArrayBufferLike> },
): HashableSource {
  return {
    stream: () => new ReadableStream({ start: (controller) => controller.error(new Error("must not be read")) }),
    async read(into, position) {
      log.reads += 1;
      log.buffers.add(into.buffer);
      const part = bytes.subarray(position, position + Math.min(most, into.length));
      await null;
      into.set(part);
      return part.length;
    },
  };
}

const streaming = (chunks: Uint8Array[], log: unknown[] = []): HashableSource => ({
  stream: (options) => {
    log.push(options);
    let index = 0;
    return new ReadableStream(
      {
        pull(controller) {
          const chunk = chunks[index];
          index += 1;
          if (chunk) controller.enqueue(chunk);
          else controller.close();
        },
        cancel: (reason) => void log.push(reason),
      },
      { highWaterMark: 0 },
    );
  },
});

describe("hashSource", () => {
  test("reads through two buffers, or the stream, to the same digests", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), fc.integer({ min: 1, max: 1000 }), async (bytes, most) => {
        const judge = await createHasher("sha256");
        judge.update(bytes);
        const log = { reads: 0, buffers: new Set<ArrayBufferLike>() };
        const { sha256, crc32c } = await hashSource(reading(bytes, most, log), ["sha256", "crc32c"]);
        expect(sha256.hex).toBe(judge.digest().hex);
        expect(log.buffers.size).toBeLessThanOrEqual(2);
        const chunks = Array.from({ length: Math.ceil(bytes.length / most) }, (_, index) =>
          bytes.subarray(index * most, (index + 1) * most),
        );
        expect(await hashSource(streaming(chunks), ["sha256", "crc32c"])).toEqual({ sha256, crc32c });
      }),
      { numRuns: 50 },
    );
  });

  test("rejects with the signal's reason, before and on the way, and cancels the stream", async () => {
    const reason = new Error("enough");
    await expect(hashSource(streaming([]), "md5", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);

    for (const read of [false, true]) {
      const controller = new AbortController();
      const { signal } = controller;
      const log: unknown[] = [];
      const endless: HashableSource = {
        stream: (options) => {
          log.push(options);
          return new ReadableStream({
            async pull(stream) {
              await null;
              stream.enqueue(new Uint8Array(1));
            },
            cancel: (reason) => void log.push(reason),
          });
        },
        ...(read && {
          async read(_into, _position, options) {
            log.push(options);
            return 1;
          },
        }),
      };
      const hashing = hashSource(endless, "md5", { signal });
      setTimeout(() => controller.abort(reason), 5);
      await expect(hashing).rejects.toBe(reason);
      expect(log[0]).toEqual({ signal });
      if (!read) expect(log).toContain(reason);
    }
  });

  test("rejects with what the source fails with, or with the chunk that is not bytes", async () => {
    const failure = new Error("gone");
    const failing: HashableSource = {
      stream: () => new ReadableStream({ start: (controller) => controller.error(failure) }),
    };
    await expect(hashSource(failing, "md5")).rejects.toBe(failure);
    await expect(hashSource({ ...failing, read: () => Promise.reject(failure) }, "md5")).rejects.toBe(failure);
    const log: unknown[] = [];
    await expect(hashSource(streaming(["text" as never], log), "md5")).rejects.toThrow(TypeError);
    expect(log[1]).toBeInstanceOf(TypeError);
  });

  test("says what is wrong with its arguments", async () => {
    await expect(hashSource("path" as never, "md5")).rejects.toThrow(
      new TypeError('Cannot hash a source: "source" must have a stream function, as a ByteSource has, received string'),
    );
    await expect(hashSource(streaming([]), "sha3" as never)).rejects.toThrow(RangeError);
    await expect(hashSource(streaming([]), [])).rejects.toThrow(RangeError);
  });
});
