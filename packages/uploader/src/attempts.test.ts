import { virtualClock } from "@sluice/retry/testing";
import { type ByteSource, bytesSource, streamSource } from "@sluice/source";
import { describe, expect, test } from "vitest";
import { createThrottle, type PartTarget, StalledError, type UploadEvent, upload } from "./index.ts";
import { MemoryTarget, TargetError } from "./testing.ts";

const bytesOf = (size: number) => Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
const quick = { retry: { base: 1, cap: 1 } };
const turns = async (count = 300) => {
  for (let turn = 0; turn < count; turn += 1) await null;
};

describe("an attempt", () => {
  test("that stands still is cut and goes again, also where its target does not listen", async () => {
    const clock = virtualClock();
    let hangs = 2;
    const target = new MemoryTarget({}, (call) => {
      if (call !== "put" || hangs === 0) return undefined;
      hangs -= 1;
      return "hang";
    });
    const events: UploadEvent[] = [];
    const uploading = upload(bytesSource(bytesOf(10)), target, {
      clock,
      stallTimeout: 1_000,
      concurrency: 2,
      retry: { base: 1, cap: 1 },
      onEvent: (event) => void events.push(event),
    });
    for (let second = 0; second < 10; second += 1) {
      await turns();
      await clock.advance(500);
    }
    expect(await uploading).toEqual(bytesOf(10));
    expect(events.map((event) => event.type)).toEqual(["retry", "retry"]);
    expect(events[0]).toMatchObject({ error: expect.any(StalledError) });
  });

  test("that moves slowly is not cut", async () => {
    const clock = virtualClock();
    const target = new MemoryTarget();
    const slow: PartTarget<string, string, Uint8Array> = {
      name: "slow",
      limits: { preferredPartSize: 100 },
      repeat: "harmless",
      create: () => target.create(),
      async put(session, part, context) {
        for (let sent = 0; sent < 10; sent += 1) {
          await new Promise<void>((resolve) => clock.setTimeout(resolve, 900));
          context.sent(1);
        }
        return target.put(session, part, { ...context, sent: () => {} });
      },
      complete: (session, receipts, whole) => target.complete(session, receipts, whole),
      cancel: (session) => target.cancel(session),
    };
    const uploading = upload(bytesSource(bytesOf(10)), slow, { clock, stallTimeout: 1_000, retry: false });
    for (let step = 0; step < 40; step += 1) {
      await turns(100);
      await clock.advance(300);
    }
    expect(await uploading).toEqual(bytesOf(10));
  });

  test("that is over can read no more, whatever its target holds on to", async () => {
    let body: ByteSource | undefined;
    let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
    const target = new MemoryTarget();
    const { put } = target;
    target.put = async (session, part, context) => {
      if (body) return put.call(target, session, part, context);
      body = part.body;
      reader = part.body.stream().getReader();
      throw new TargetError("no", true);
    };
    await upload(bytesSource(bytesOf(10)), target, quick);
    const over = expect.objectContaining({ message: expect.stringContaining("is over") });
    await expect(reader?.read()).rejects.toEqual(over);
    expect(() => body?.stream()).toThrow(/is over/);
    await expect(body?.read?.(new Uint8Array(1), 0)).rejects.toEqual(over);
  });

  test("that is over gives no more views of what is held, either", async () => {
    const views: Iterator<Uint8Array>[] = [];
    const target = new MemoryTarget();
    const { put } = target;
    target.put = async (session, part, context) => {
      const own = part.body.views?.(0, part.size ?? 0)[Symbol.iterator]();
      if (!own) throw new Error("no views");
      views.push(own);
      if (views.length > 1) return put.call(target, session, part, context);
      throw new TargetError("no", true);
    };
    await upload(streamSource([bytesOf(10)]), target, quick);
    for (const each of views) expect(() => each.next()).toThrow(/is over/);
  });

  test("is made once where the target bears no other, unless it certainly did not arrive", async () => {
    const puts = async (error: object, repeat: "never" | "after-failure") => {
      let count = 0;
      const target = new MemoryTarget();
      Object.assign(target, { repeat });
      const { put } = target;
      target.put = async (...given) => {
        count += 1;
        if (count === 1) throw Object.assign(new TargetError("no", true), error);
        return put.apply(target, given);
      };
      await upload(bytesSource(bytesOf(5)), target, quick).catch(() => {});
      return count;
    };
    expect(await puts({}, "never")).toBe(1);
    expect(await puts({ reached: false }, "never")).toBe(2);
    expect(await puts({ status: 429 }, "never")).toBe(2);
    expect(await puts({}, "after-failure")).toBe(2);
    expect(await puts({ retryable: false }, "after-failure")).toBe(1);
  });
});

describe("refusals", () => {
  test("are not held against a part as long as others get through", async () => {
    const clock = virtualClock();
    const target = new MemoryTarget();
    const { put } = target;
    let inFlight = 0;
    let refused = 0;
    target.put = async (session, part, context) => {
      inFlight += 1;
      try {
        if (inFlight > 1) {
          refused += 1;
          throw Object.assign(new TargetError("too many at once", true), { status: 429 });
        }
        await new Promise<void>((resolve) => clock.setTimeout(resolve, 1_000));
        return await put.call(target, session, part, context);
      } finally {
        inFlight -= 1;
      }
    };
    let done = false;
    const uploading = upload(bytesSource(bytesOf(200)), target, {
      clock,
      concurrency: 8,
      partSize: 10,
      retry: { base: 1_500, cap: 3_000, attempts: 3 },
      // Three attempts take longer than a part.
      random: () => 0.5 + Math.random() / 2,
    }).finally(() => {
      done = true;
    });
    for (let step = 0; step < 1_500 && !done; step += 1) {
      await turns(60);
      await clock.advance(100);
    }
    expect(await uploading).toEqual(bytesOf(200));
    expect(refused).toBeGreaterThan(20);
  });

  test("are when nothing gets through", async () => {
    let puts = 0;
    const target = new MemoryTarget();
    target.put = async () => {
      puts += 1;
      throw Object.assign(new TargetError("closed", true), { status: 503 });
    };
    await expect(upload(bytesSource(bytesOf(5)), target, quick)).rejects.toThrow("closed");
    expect(puts).toBe(5);
  });
});

describe("a completion", () => {
  const completing = async (error: object, inspect?: () => Promise<{ state: "open" | "unknown" | "canceled" }>) => {
    const target = new MemoryTarget();
    let completions = 0;
    const { complete } = target;
    target.complete = async (...given) => {
      completions += 1;
      if (completions === 1) throw Object.assign(new Error("no"), error);
      return complete.apply(target, given);
    };
    if (inspect) target.inspect = inspect;
    const outcome = await upload(bytesSource(bytesOf(5)), target, quick).then(
      () => "done",
      (reason) => reason.code ?? reason.message,
    );
    return [outcome, completions, target.uploads.get("upload-0")?.state];
  };

  test.each([
    ["a refusal is final", { status: 422 }, undefined, ["no", 1, "canceled"]],
    ["a throttled one goes again", { status: 429 }, undefined, ["done", 2, "completed"]],
    ["one that did not arrive goes again", { reached: false }, undefined, ["done", 2, "completed"]],
    ["a server error is unclear", { status: 500 }, undefined, ["completion-unknown", 1, "open"]],
    [
      "a reply that is cut off is unclear",
      { status: 200, retryable: false },
      undefined,
      ["completion-unknown", 1, "open"],
    ],
    ["an error that says nothing is unclear", {}, undefined, ["completion-unknown", 1, "open"]],
    ["one that is open still goes again", { status: 500 }, "open", ["done", 2, "completed"]],
    ["one that nobody knows of is not repeated", { status: 500 }, "unknown", ["completion-unknown", 1, "open"]],
    ["one that was cancelled is reported so", { status: 500 }, "canceled", ["expired", 1, "canceled"]],
  ] as const)("%s", async (_, error, state, expected) => {
    expect(await completing(error, state && (async () => ({ state })))).toEqual(expected);
  });
});

describe("bandwidth", () => {
  test("paces what is read, and a pause holds it, without being taken for a stall", async () => {
    const clock = virtualClock();
    const bandwidth = createThrottle(1_000, { clock });
    const target = new MemoryTarget();
    let done = false;
    const uploading = upload(bytesSource(bytesOf(3_000)), target, {
      clock,
      bandwidth,
      partSize: 100,
      stallTimeout: 500,
      retry: false,
    }).finally(() => {
      done = true;
    });
    const pass = async (time: number) => {
      for (let step = 0; step < time; step += 50) {
        await turns(200);
        await clock.advance(50);
      }
    };
    await pass(1_500);
    const half = target.uploads.get("upload-0")?.parts.size ?? 0;
    expect(half).toBeGreaterThanOrEqual(12);
    expect(half).toBeLessThanOrEqual(17);
    bandwidth.pause();
    await pass(5_000);
    expect((target.uploads.get("upload-0")?.parts.size ?? 0) - half).toBeLessThanOrEqual(1);
    expect(done).toBe(false);
    bandwidth.resume();
    await pass(2_000);
    expect(done).toBe(true);
    expect(await uploading).toEqual(bytesOf(3_000));
  });
});

describe("digests", () => {
  const digested = (digests: NonNullable<PartTarget<never, never, never>["digests"]>) => {
    const target = new MemoryTarget();
    const parts: unknown[] = [];
    let whole: unknown;
    const { put, complete } = target;
    target.put = (session, part, context) => {
      parts.push(part.digests);
      return put.call(target, session, part, context);
    };
    target.complete = (session, receipts, given) => {
      whole = given;
      return complete.call(target, session, receipts, given);
    };
    Object.assign(target, { digests });
    return { target, parts, whole: () => whole };
  };
  const text = new TextEncoder().encode("123456789");
  const expected = { crc32: "cbf43926", md5: "25f9e794323b453885f5181f1b624d0b" };

  test.each([
    ["a replayable source", () => bytesSource(text)],
    ["one that can be read only once", () => streamSource([text.subarray(0, 4), text.subarray(4)])],
  ])("of the parts and of the whole of %s, as the target and the caller want them", async (_, source) => {
    const { target, parts, whole } = digested({ part: ["crc32"], whole: ["crc32"] });
    const events: UploadEvent[] = [];
    await upload(source(), target, {
      partSize: 4,
      concurrency: 1,
      digest: ["md5"],
      onEvent: (event) => void events.push(event),
    });
    expect(whole()).toEqual({ size: 9, digests: expected });
    // Where there are no workers, it tells that, too.
    expect(events.filter(({ type }) => type !== "worker-unavailable")).toEqual([
      { type: "digests", digests: expected },
    ]);
    // Of "1234", "5678" and "9", by zlib.
    expect(parts).toEqual([{ crc32: "9be3e0a3" }, { crc32: "7e525607" }, { crc32: "8d076785" }]);
  });

  test("of a stream that goes as a whole to a target that takes one part", async () => {
    const { target, whole } = digested({ whole: ["crc32", "md5"] });
    Object.assign(target, { limits: { preferredPartSize: 100, maxParts: 1 } });
    expect(await upload(streamSource([text]), target)).toEqual(text);
    expect(whole()).toEqual({ size: 9, digests: expected });
  });

  test("of an unknown kind are refused", async () => {
    await expect(upload(bytesSource(text), new MemoryTarget(), { digest: ["md6" as never] })).rejects.toThrow("md6");
  });
});
