import { bytesSource } from "@sluice/source";
import { describe, expect, test } from "vitest";
import { NeedsSizeError, type Outcome, TooLargeError, UploadAllStream, UploadStream, uploadAll } from "./index.ts";
import { MemoryTarget } from "./testing.ts";

const bytesOf = (size: number) => Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) & 0xff);

describe("UploadStream", () => {
  test("is the end of a pipe, which is done when the target has the whole", async () => {
    const target = new MemoryTarget();
    const sink = new UploadStream(target, { name: "a.bin", partSize: 7 });
    await new Blob([bytesOf(100)]).stream().pipeTo(sink);
    expect(target.uploads.get("upload-0")?.state).toBe("completed");
    expect(await sink.result).toEqual(bytesOf(100));
  });

  test("takes no more than it may hold while the target does not move", async () => {
    const target = new MemoryTarget({}, (call) => (call === "put" ? "hang" : undefined));
    const abort = new AbortController();
    const sink = new UploadStream(target, { partSize: 10, memory: 30, concurrency: 2, signal: abort.signal });
    const writer = sink.getWriter();
    let written = 0;
    const writing = (async () => {
      for (;;) {
        await writer.write(bytesOf(5));
        written += 5;
      }
    })();
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setTimeout(resolve));
    // What the memory holds, one chunk in hand, and those on their way there.
    expect(written).toBeLessThanOrEqual(30 + 3 * 5);
    abort.abort("enough");
    await expect(writing).rejects.toBe("enough");
    await expect(sink.result).rejects.toBe("enough");
  });

  test("an abort of the pipe cleans up at the target and rejects with its reason", async () => {
    const target = new MemoryTarget();
    const sink = new UploadStream(target, { partSize: 10 });
    const writer = sink.getWriter();
    await writer.write(bytesOf(25));
    const reason = new Error("the source failed");
    await writer.abort(reason);
    await expect(sink.result).rejects.toBe(reason);
    expect(target.uploads.get("upload-0")?.state).toBe("canceled");
  });

  test("an abort ends a write that waits, too: for the target to be asked, or for room", async () => {
    for (const stuck of ["create", "put"]) {
      const target = new MemoryTarget({}, (call) => (call === stuck ? "hang" : undefined));
      const sink = new UploadStream(target, { partSize: 10, memory: 20, concurrency: 1 });
      const writer = sink.getWriter();
      const writing = expect(writer.write(bytesOf(100))).rejects.toBe("enough");
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve));
      await writer.abort("enough");
      await writing;
      await expect(sink.result).rejects.toBe("enough");
    }
  });

  test("fails with the upload's own error, also while nothing is written", async () => {
    const target = new MemoryTarget({}, (call) => (call === "put" ? "refuse" : undefined));
    const sink = new UploadStream(target, { partSize: 10 });
    const writer = sink.getWriter();
    // Either it has been taken over when the first part of it is refused, or it has not.
    await writer.write(bytesOf(25)).catch((error: unknown) => expect(String(error)).toContain("put refused"));
    await expect(writer.closed).rejects.toThrow("put refused");
    await expect(sink.result).rejects.toThrow("put refused");
  });

  test("a result that nobody looks at is no unhandled rejection", async () => {
    const sink = new UploadStream(new MemoryTarget({}, () => "refuse"));
    await expect(new Blob(["x"]).stream().pipeTo(sink)).rejects.toThrow("create refused");
  });

  test("ends with what a target that takes one stream fails with, while nothing is written", async () => {
    const target = new MemoryTarget({ maxParts: 1 });
    target.put = async (_session, { body }) => {
      await body.stream().getReader().read();
      throw new Error("no more");
    };
    const sink = new UploadStream(target);
    const writer = sink.getWriter();
    const closed = expect(writer.closed).rejects.toThrow("no more");
    await writer.write(bytesOf(5));
    await closed;
    await expect(sink.result).rejects.toThrow("no more");
    // Long enough for a rejection that nobody heard of to be reported.
    await new Promise((resolve) => setTimeout(resolve));
  });

  test("refuses at construction what cannot work", () => {
    expect(() => new UploadStream(new MemoryTarget({ needsSize: true }))).toThrow(NeedsSizeError);
    expect(() => new UploadStream(new MemoryTarget({ maxBytes: 9 }), { size: 10 })).toThrow(TooLargeError);
    expect(() => new UploadStream(new MemoryTarget(), { concurrency: 0 })).toThrow(
      'Cannot construct UploadStream: "concurrency" must be a whole number >= 1, received 0',
    );
    expect(() => new UploadStream(new MemoryTarget({ minPartSize: 5 }), { partSize: 4 })).toThrow(RangeError);
  });
});

describe("uploadAll", () => {
  const sources = (count: number) =>
    Array.from({ length: count }, (_, index) => bytesSource(bytesOf(40 + index), { name: `file-${index}` }));

  test("uploads many within one concurrency; a failure is an outcome", async () => {
    let creations = 0;
    const target = new MemoryTarget({}, (call) => {
      if (call !== "create") return undefined;
      creations += 1;
      return creations === 3 ? "refuse" : undefined;
    });
    const outcomes: Outcome<Uint8Array>[] = [];
    for await (const outcome of uploadAll(sources(10), target, { concurrency: 3, inFlight: 5, partSize: 8 })) {
      outcomes.push(outcome);
    }
    expect(outcomes.length).toBe(10);
    expect(outcomes.filter(({ ok }) => !ok)).toMatchObject([{ error: { message: "create refused" } }]);
    for (const outcome of outcomes) if (outcome.ok) expect(outcome.result.byteLength).toBe(outcome.source.size);
    expect(target.mostInFlight).toBe(3);
  });

  test("takes sources only as there is room, and lets go of the rest when nobody waits", async () => {
    let taken = 0;
    let returned = false;
    async function* endless() {
      try {
        for (;;) {
          taken += 1;
          yield bytesSource(bytesOf(10));
        }
      } finally {
        returned = true;
      }
    }
    for await (const outcome of uploadAll(endless(), new MemoryTarget(), { inFlight: 2 })) {
      expect(outcome.ok).toBe(true);
      break;
    }
    expect(taken).toBeLessThanOrEqual(5);
    expect(returned).toBe(true);
  });

  test("rejects with the reason of an abort, and with what its sources fail with", async () => {
    const abort = new AbortController();
    const hanging = new MemoryTarget({}, (call) => (call === "put" ? "hang" : undefined));
    const outcomes = Array.fromAsync(uploadAll(sources(3), hanging, { signal: abort.signal }));
    outcomes.catch(() => {});
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve));
    abort.abort("enough");
    await expect(outcomes).rejects.toBe("enough");
    const failure = new Error("the list ended early");
    async function* broken() {
      yield bytesSource(bytesOf(10));
      throw failure;
    }
    await expect(Array.fromAsync(uploadAll(broken(), new MemoryTarget()))).rejects.toBe(failure);
    await expect(uploadAll([], new MemoryTarget(), { inFlight: 0 }).next()).rejects.toThrow('"inFlight"');
  });

  test("is a stage, too", async () => {
    const stage = new UploadAllStream(new MemoryTarget(), { inFlight: 2 });
    const writer = stage.writable.getWriter();
    const writing = (async () => {
      for (const source of sources(6)) await writer.write(source);
      await writer.close();
    })();
    const outcomes = await Array.fromAsync(stage.readable as unknown as AsyncIterable<Outcome<Uint8Array>>);
    await writing;
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, true, true, true, true]);
  });
});
