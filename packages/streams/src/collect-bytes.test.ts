import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { adopt, collectBytes, TooLargeError } from "./index.ts";

describe("collectBytes", () => {
  test("joins any chunks into memory of its own", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 50 })), async (chunks) => {
        const bytes = await collectBytes(adopt(chunks));
        expect([...bytes]).toEqual(chunks.flatMap((chunk) => [...chunk]));
        expect(bytes.byteLength).toBe(bytes.buffer.byteLength);
        expectTypeOf(bytes).toEqualTypeOf<Uint8Array<ArrayBuffer>>();
      }),
    );
  });

  test("cancels the stream at the first byte over the limit", async () => {
    let cancelled: unknown;
    let pulls = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulls += 1;
        controller.enqueue(new Uint8Array(10));
      },
      cancel(reason) {
        cancelled = reason;
      },
    });
    const failure = await collectBytes(endless, { limit: 25 }).catch((error) => error);
    expect(failure).toBeInstanceOf(TooLargeError);
    expect(failure).toMatchObject({
      name: "TooLargeError",
      code: "too-large",
      retryable: false,
      limit: 25,
      received: 30,
    });
    expect(cancelled).toBe(failure);
    expect(pulls).toBeLessThan(6);
    expect((await collectBytes(adopt([new Uint8Array(25)]), { limit: 25 })).byteLength).toBe(25);
  });

  test("rejects with the signal's own reason, while a read is pending too", async () => {
    const reason = new Error("stop");
    await expect(collectBytes(adopt([]), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const abort = new AbortController();
    let cancelled: unknown;
    const silent = new ReadableStream<Uint8Array>({
      cancel(given) {
        cancelled = given;
      },
    });
    const collecting = collectBytes(silent, { signal: abort.signal });
    abort.abort(reason);
    await expect(collecting).rejects.toBe(reason);
    expect(cancelled).toBe(reason);
  });

  test("passes on the stream's own error", async () => {
    const failing = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error("broken")) });
    await expect(collectBytes(failing)).rejects.toThrow("broken");
  });

  test("refuses chunks that are no bytes, and options of the wrong kind", async () => {
    await expect(collectBytes(adopt(["text"]) as never)).rejects.toThrow(
      new TypeError("Cannot collect bytes: chunk 0 must be a Uint8Array, received string"),
    );
    await expect(collectBytes(adopt([]), { limit: -1 })).rejects.toThrow(RangeError);
    await expect(collectBytes(adopt([]), { limit: "1" as never })).rejects.toThrow(TypeError);
    await expect(collectBytes("text" as never)).rejects.toThrow(TypeError);
  });
});
