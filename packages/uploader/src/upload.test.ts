import { virtualClock } from "@sluice/retry/testing";
import { bytesSource } from "@sluice/source";
import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { CompletionUnknownError, type Progress, TooLargeError, type UploadEvent, upload } from "./index.ts";
import { MemoryTarget, TargetError } from "./testing.ts";

const bytesOf = (size: number) => Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
const quick = { retry: { base: 1, cap: 1 } };

describe("upload", () => {
  test("puts any bytes together again, whatever the part size and the concurrency", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 8 }),
        async (bytes, partSize, concurrency) => {
          const target = new MemoryTarget();
          const whole = await upload(bytesSource(bytes), target, { partSize, concurrency });
          expectTypeOf(whole).toEqualTypeOf<Uint8Array>();
          expect([...whole]).toEqual([...bytes]);
          expect(target.mostInFlight).toBeLessThanOrEqual(concurrency);
        },
      ),
    );
  });

  test("with any faults: every promise settles, and what resolves is byte for byte what was sent", async () => {
    const faults = fc.infiniteStream(
      fc.oneof(
        { arbitrary: fc.constant(undefined), weight: 12 },
        fc.constantFrom("fail" as const, "lose the reply" as const, "refuse" as const),
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), faults, async (bytes, stream) => {
        // An upload whose creation got no reply is nobody's to clean up: its id was never known.
        const target = new MemoryTarget({}, (call) => {
          const fault = stream.next().value;
          return call === "create" && fault === "lose the reply" ? "fail" : fault;
        });
        let cleaned: UploadEvent | undefined;
        try {
          const whole = await upload(bytesSource(bytes), target, {
            ...quick,
            onEvent: (event) => {
              if (event.type === "cleanup") cleaned = event;
            },
          });
          expect([...whole]).toEqual([...bytes]);
        } catch (error) {
          if (error instanceof CompletionUnknownError) return;
          expect(error).toBeInstanceOf(TargetError);
          // Nothing is left open at the target without a word about it.
          const [stored] = target.uploads.values();
          if (stored?.state === "open") expect(cleaned).toMatchObject({ state: "failed" });
        }
      }),
    );
  });

  test("resolves a lost completion by asking, and says so where it cannot ask", async () => {
    const lost = () => new MemoryTarget({}, (call) => (call === "complete" ? "lose the reply" : undefined));
    const target = lost();
    target.inspect = async (session) => {
      const stored = target.uploads.get(session);
      return { state: "completed", ...(stored?.whole && { result: stored.whole }) };
    };
    expect((await upload(bytesSource(bytesOf(20)), target)).byteLength).toBe(20);
    const error = await upload(bytesSource(bytesOf(20)), lost()).catch((reason) => reason);
    expect(error).toBeInstanceOf(CompletionUnknownError);
    expect(error).toMatchObject({ code: "completion-unknown", retryable: false, session: "upload-0" });
  });

  test("on an abort rejects with the reason itself, stops reading and cancels at the target", async () => {
    const abort = new AbortController();
    const reason = new Error("enough");
    const target = new MemoryTarget({}, (call) => {
      if (call === "put") abort.abort(reason);
      return undefined;
    });
    const events: UploadEvent[] = [];
    const uploading = upload(bytesSource(bytesOf(100)), target, {
      signal: abort.signal,
      concurrency: 2,
      onEvent: (event) => void events.push(event),
    });
    await expect(uploading).rejects.toBe(reason);
    expect(target.uploads.get("upload-0")?.state).toBe("canceled");
    expect(events).toEqual([{ type: "cleanup", state: "canceled" }]);
    await expect(upload(bytesSource(bytesOf(1)), new MemoryTarget(), { signal: abort.signal })).rejects.toBe(reason);
  });

  test("does not wait longer for the clean-up than it may", async () => {
    const clock = virtualClock();
    const target = new MemoryTarget({}, (call) => (call === "put" ? "refuse" : undefined));
    target.cancel = () => new Promise(() => {});
    const events: UploadEvent[] = [];
    const uploading = upload(bytesSource(bytesOf(10)), target, { clock, onEvent: (event) => void events.push(event) });
    uploading.catch(() => {});
    for (let turn = 0; turn < 50; turn += 1) await null;
    await clock.advance(5_100);
    await expect(uploading).rejects.toThrow("put refused");
    expect(events).toMatchObject([{ type: "cleanup", state: "failed" }]);
  });

  test("reports progress that ends at the total, and acknowledged bytes that never go back", async () => {
    const reports: Progress[] = [];
    let failures = 3;
    const target = new MemoryTarget({}, (call) => {
      if (call !== "put" || failures === 0) return undefined;
      failures -= 1;
      return "lose the reply";
    });
    let now = 0;
    const clock = { ...virtualClock(), now: () => (now += 200) };
    await upload(bytesSource(bytesOf(40)), target, {
      clock: {
        ...clock,
        setTimeout: (callback, delay) => setTimeout(callback, delay),
        clearTimeout: (handle) => clearTimeout(handle as number),
      },
      ...quick,
      onProgress: (progress) => void reports.push(progress),
    });
    const acknowledged = reports.map((report) => report.acknowledged);
    expect(acknowledged).toEqual(acknowledged.toSorted((a, b) => a - b));
    expect(reports.at(-1)).toMatchObject({
      sent: 40,
      acknowledged: 40,
      total: 40,
      eta: 0,
      parts: { done: 5, total: 5 },
    });
  });

  test("lets a target read a part twice, as one does that signs what it sends", async () => {
    for (const size of [100, 1_000]) {
      const target = new MemoryTarget({ maxBytes: size });
      const { put } = target;
      target.put = async (session, part, context) => {
        for await (const chunk of part.body.stream()) expect(chunk.byteLength).toBeLessThanOrEqual(size);
        return put.call(target, session, part, context);
      };
      const source = bytesSource(new Uint8Array(size).fill(7));
      let read = 0;
      const onProgress = (progress: Progress) => {
        read = progress.read;
      };
      const result = await upload(source, target, { partSize: size, retry: false, onProgress });
      expect(result).toEqual(new Uint8Array(size).fill(7));
      expect(read).toBe(size);
    }
  });

  test("refuses what cannot fit before anything is created", async () => {
    const target = new MemoryTarget({ maxBytes: 1_000 });
    const error = await upload(bytesSource(bytesOf(1_001), { name: "talk.mp4" }), target).catch((reason) => reason);
    expect(error).toBeInstanceOf(TooLargeError);
    expect(error.message).toBe(
      'Cannot upload "talk.mp4" to memory: it is 1,001 bytes and one upload holds at most 1,000. Split it, or store it elsewhere and pass a URL.',
    );
    expect(target.uploads.size).toBe(0);
  });

  test.each([
    [{ concurrency: 0 }, 'Cannot upload: "concurrency" must be a whole number >= 1, received 0'],
    [{ concurrency: "4" as never }, 'Cannot upload: "concurrency" must be a whole number >= 1, received string'],
    [{ partSize: 1.5 }, 'Cannot upload: "partSize" must be a whole number >= 1, received 1.5'],
    [{ retry: { attempts: 0 } }, 'Cannot upload: "attempts" must be a whole number >= 1, received 0'],
    [{ onProgress: 7 as never }, 'Cannot upload: "onProgress" must be a function, received number'],
    [{ spool: true as never }, 'Cannot upload: "spool" must be a string, received boolean'],
    [{ partSize: 3 }, 'Cannot upload "upload": "partSize" must be from 4 to Infinity for memory, received 3'],
  ])("refuses %o", async (options, message) => {
    const uploading = upload(bytesSource(bytesOf(10)), new MemoryTarget({ minPartSize: 4 }), options);
    await expect(uploading).rejects.toThrow(message);
  });

  test.each([
    ["/etc/hostname", new MemoryTarget(), '"source" must be a ByteSource, received string: a path is file(path)'],
    [undefined, new MemoryTarget(), '"source" must be a ByteSource, received undefined'],
    [bytesSource(bytesOf(1)), {}, 'Cannot upload: of the target: "create" must be a function, received undefined'],
    [bytesSource(bytesOf(1)), { create() {}, put() {}, complete() {} }, '"cancel" must be a function'],
    [
      bytesSource(bytesOf(1)),
      { create() {}, put() {}, complete() {}, cancel() {} },
      '"preferredPartSize" must be a whole number >= 1, received undefined',
    ],
  ])("refuses what is no source, and no target", async (source, target, message) => {
    await expect(upload(source as never, target as never)).rejects.toThrow(message);
  });
});
