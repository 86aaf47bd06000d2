import { virtualClock } from "@sluice/retry/testing";
import { type ByteSource, bytesSource, streamSource } from "@sluice/source";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { delegate } from "./_target-calls.ts";
import {
  type Entry,
  type Journal,
  LockedError,
  memoryJournal,
  type PartTarget,
  sweep,
  type UploadEvent,
  type UploadOptions,
  upload,
} from "./index.ts";
import { MemoryTarget } from "./testing.ts";

const bytesOf = (size: number, seed = 31) =>
  Uint8Array.from({ length: size }, (_, index) => (index * seed + (index >> 8)) & 0xff);
const quick = { retry: { base: 1, cap: 1 } };

/** As a file is: it can be read again, and tells by its fingerprint when it is another one. */
function fileOf(bytes: Uint8Array<ArrayBuffer>, fingerprint: string | null = "v1", name = "talk.mp4"): ByteSource {
  const source = bytesSource(bytes, { name });
  return Object.assign(Object.create(source), {
    fingerprint: fingerprint ?? undefined,
    stream: source.stream.bind(source),
    read: source.read?.bind(source),
  });
}

/** A journal as the next process finds it: with what was in it, and without its locks. */
async function copyOf(journal: Journal): Promise<Journal> {
  const copy = memoryJournal();
  for await (const key of journal.list()) {
    for (const entry of await journal.read(key)) await copy.append(key, entry);
  }
  return copy;
}

/** The target, with some of its calls replaced. */
function around(
  target: MemoryTarget,
  calls: Partial<PartTarget<string, string, Uint8Array>>,
): PartTarget<string, string, Uint8Array> {
  return { ...delegate(target), ...calls };
}

/** Uploads until `puts` parts have arrived; then the process is gone. */
async function crash(source: ByteSource, target: MemoryTarget, puts: number, options: UploadOptions): Promise<void> {
  let arrived = 0;
  let isDying = false;
  const dying = around(target, {
    put: async (...given) => {
      isDying = arrived >= puts;
      if (isDying) return new Promise(() => {});
      arrived += 1;
      return target.put(...given);
    },
  });
  upload(source, dying, options).catch(() => {});
  // Turns of the event loop: what only some uploads need is loaded when it is first used.
  for (let turn = 0; turn < 1_000 && !isDying; turn += 1) await new Promise((resolve) => setTimeout(resolve));
  // Digests of what goes into the journal are made outside of this thread in browsers.
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setTimeout(resolve));
  expect(arrived).toBe(puts);
}

function eventsOf(options: UploadOptions = {}): { events: UploadEvent[]; options: UploadOptions } {
  const events: UploadEvent[] = [];
  return { events, options: { ...quick, ...options, onEvent: (event) => void events.push(event) } };
}

describe("an upload in a journal", () => {
  test("is resumed where it stopped, wherever that was", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(20),
        fc.constantFrom("fingerprint" as const, "digest" as const),
        async (size, partSize, concurrency, at, verify) => {
          const bytes = bytesOf(size);
          const parts = Math.ceil(size / partSize);
          const puts = at % parts;
          const target = new MemoryTarget();
          const journal = memoryJournal();
          await crash(fileOf(bytes), target, puts, { partSize, concurrency, journal, verify });

          const { events, options } = eventsOf({ concurrency, journal: await copyOf(journal), verify });
          const before = target.uploads.get("upload-0")?.parts.size ?? 0;
          const whole = await upload(fileOf(bytes), target, options);
          expect([...whole]).toEqual([...bytes]);
          expect(target.uploads.size).toBe(1);
          expect((target.uploads.get("upload-0")?.parts.size ?? 0) - before).toBe(parts - puts);
          expect(events).toEqual([{ type: "resume", parts: puts, bytes: Math.min(size, puts * partSize) }]);
          expect(await Array.fromAsync(options.journal?.list() ?? [])).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("begins its progress where it stopped", async () => {
    const journal = memoryJournal();
    const target = new MemoryTarget();
    await crash(fileOf(bytesOf(100)), target, 3, { partSize: 10, concurrency: 1, journal });
    const reports: number[] = [];
    await upload(fileOf(bytesOf(100)), target, {
      journal: await copyOf(journal),
      onProgress: ({ acknowledged, sent, total }) => {
        expect(sent).toBeGreaterThanOrEqual(acknowledged);
        expect(total).toBe(100);
        reports.push(acknowledged);
      },
    });
    expect(reports[0]).toBeGreaterThanOrEqual(30);
    expect(reports.at(-1)).toBe(100);
  });

  test.each([
    ["another fingerprint", (bytes: Uint8Array<ArrayBuffer>) => fileOf(bytes, "v2"), {}],
    ["other bytes and no fingerprint", () => fileOf(bytesOf(100, 37), null), {}],
    ["other bytes behind the same fingerprint", () => fileOf(bytesOf(100, 37)), { verify: "digest" as const }],
  ])("starts over when the source has %s", async (_, change, options) => {
    const target = new MemoryTarget();
    const journal = memoryJournal();
    const first = fileOf(bytesOf(100), change(bytesOf(100)).fingerprint === undefined ? null : "v1");
    await crash(first, target, 4, { partSize: 10, journal, ...options });
    const changed = change(bytesOf(100));
    const { events, options: given } = eventsOf({ journal: await copyOf(journal), ...options });
    const whole = await upload(changed, target, given);
    expect(whole).toEqual(new Uint8Array(await new Response(changed.stream()).arrayBuffer()));
    expect(events).toEqual([{ type: "restart", reason: "source-changed" }]);
    expect(target.uploads.get("upload-0")?.state).toBe("canceled");
  });

  test("of a source that can be read only once starts over, and cancels the old one", async () => {
    const target = new MemoryTarget();
    const journal = memoryJournal();
    const once = () => streamSource([bytesOf(30)], { name: "pipe", size: 30 });
    await crash(once(), target, 2, { partSize: 10, journal });
    const { events, options } = eventsOf({ journal: await copyOf(journal) });
    expect((await upload(once(), target, options)).byteLength).toBe(30);
    expect(events).toEqual([{ type: "restart", reason: "one-shot" }]);
    expect(target.uploads.get("upload-0")?.state).toBe("canceled");
  });

  test.each([
    ["nonsense", [{ type: "upload", format: 1 }]],
    ["another program's", [{ job: 7 }]],
    ["of a newer version", [{ type: "upload", format: 2 }]],
    ["with a receipt of a part that cannot be", undefined],
  ])("that is %s is set aside with a warning", async (_, entries: Entry[] | undefined) => {
    const journal = memoryJournal();
    const target = new MemoryTarget();
    if (entries) for (const entry of entries) await journal.append("key", entry);
    else {
      await crash(fileOf(bytesOf(30)), target, 1, { partSize: 10, journal, key: "key" });
      await journal.append("key", { type: "part", index: 3, receipt: "x" });
    }
    const { events, options } = eventsOf({ journal: await copyOf(journal), key: "key" });
    expect(await upload(fileOf(bytesOf(30)), target, options)).toEqual(bytesOf(30));
    expect(events).toMatchObject([{ type: "journal", warning: { reason: "foreign", key: "key" } }]);
  });

  test("of another target under the same key is left alone there, and starts over", async () => {
    const journal = memoryJournal();
    const [mine, other] = [new MemoryTarget(), new MemoryTarget()];
    Object.assign(other, { name: "other" });
    await crash(fileOf(bytesOf(30)), other, 1, { partSize: 10, journal, key: "key" });
    const { events, options } = eventsOf({ journal: await copyOf(journal), key: "key" });
    await upload(fileOf(bytesOf(30)), mine, options);
    expect(events).toEqual([{ type: "restart", reason: "other-target" }]);
    expect(other.uploads.get("upload-0")?.state).toBe("open");
  });

  test("starts over when its lifetime is over, or the target has forgotten it", async () => {
    const clock = virtualClock();
    const target = new MemoryTarget({ lifetime: 1_000 });
    const journal = memoryJournal();
    await crash(fileOf(bytesOf(30)), target, 1, { partSize: 10, journal, clock });
    const found = await copyOf(journal);
    await clock.advance(1_000);
    const late = eventsOf({ journal: found, clock });
    await upload(fileOf(bytesOf(30)), target, late.options);
    expect(late.events[0]).toEqual({ type: "restart", reason: "expired" });

    const forgetful = new MemoryTarget();
    await crash(fileOf(bytesOf(30)), forgetful, 1, { partSize: 10, journal: memoryJournal(), key: "b" });
    const again = memoryJournal();
    await crash(fileOf(bytesOf(30)), forgetful, 1, { partSize: 10, journal: again, key: "b" });
    const changed = around(forgetful, {
      put: async (session, ...rest) => {
        if (session === "upload-1") throw Object.assign(new Error("no such upload"), { status: 404 });
        return forgetful.put(session, ...rest);
      },
    });
    const gone = eventsOf({ journal: await copyOf(again), key: "b" });
    expect(await upload(fileOf(bytesOf(30)), changed, gone.options)).toEqual(bytesOf(30));
    expect(gone.events).toEqual([
      { type: "resume", parts: 1, bytes: 10 },
      { type: "restart", reason: "session-gone" },
    ]);
  });

  test("that was being completed is asked about, not completed again", async () => {
    const die = async (tell: boolean, after: boolean) => {
      const target = new MemoryTarget();
      if (tell) target.inspect = (session) => target.tell(session);
      const journal = memoryJournal();
      let completions = 0;
      const dying = around(target, {
        complete: async (session, receipts, whole) => {
          completions += 1;
          if (after) await target.complete(session, receipts, whole);
          return new Promise(() => {});
        },
      });
      upload(fileOf(bytesOf(30)), dying, { journal }).catch(() => {});
      for (let turn = 0; turn < 40; turn += 1) await new Promise((resolve) => setTimeout(resolve));
      expect(completions).toBe(1);
      return { target, journal: await copyOf(journal) };
    };
    const done = await die(true, true);
    expect(await upload(fileOf(bytesOf(30)), done.target, { journal: done.journal })).toEqual(bytesOf(30));
    const open = await die(true, false);
    expect(await upload(fileOf(bytesOf(30)), open.target, { journal: open.journal })).toEqual(bytesOf(30));
    const late = await die(true, true);
    const { inspect } = late.target;
    let asked = 0;
    late.target.inspect = async (session) => {
      asked += 1;
      if (asked === 1) throw Object.assign(new Error("busy"), { retryable: true });
      if (asked === 2) return { state: "unknown" };
      return (await inspect?.(session)) ?? { state: "unknown" };
    };
    const patient = { journal: late.journal, retry: { base: 1 } };
    expect(await upload(fileOf(bytesOf(30)), late.target, patient)).toEqual(bytesOf(30));
    expect(asked).toBe(3);
    const mute = await die(false, true);
    const error = await upload(fileOf(bytesOf(30)), mute.target, { journal: mute.journal }).catch((reason) => reason);
    expect(error).toMatchObject({ code: "completion-unknown", session: "upload-0" });
    expect(await Array.fromAsync(mute.journal.list())).toEqual([error.key]);
  });

  test("is kept on an abort and on a failure that may pass, unless that would be the same again", async () => {
    const outcome = async (fault: "abort" | "fail" | "changed", options: UploadOptions = {}) => {
      const abort = new AbortController();
      const journal = memoryJournal();
      let puts = 0;
      const target = new MemoryTarget({}, (call) => {
        if (call !== "put") return undefined;
        puts += 1;
        if (puts < 3) return undefined;
        if (fault === "abort") abort.abort("enough");
        return fault === "fail" ? "fail" : undefined;
      });
      const source = fileOf(bytesOf(50));
      if (fault === "changed") {
        source.stream = () => {
          throw Object.assign(new Error("it changed"), { code: "source-changed" });
        };
      }
      const { events, options: given } = eventsOf({ partSize: 10, concurrency: 1, journal, ...options });
      const error = await upload(source, target, { ...given, signal: abort.signal }).catch((reason) => reason);
      const last = events.at(-1);
      if (fault !== "abort") expect(error.cleanup).toMatchObject({ state: (last as { state?: string }).state });
      return [(last as { state?: string }).state, target.uploads.get("upload-0")?.state, journal] as const;
    };
    const kept = await outcome("abort");
    expect(kept.slice(0, 2)).toEqual(["kept", "open"]);
    expect((await outcome("abort", { onAbort: "cancel" })).slice(0, 2)).toEqual(["canceled", "canceled"]);
    expect((await outcome("fail")).slice(0, 2)).toEqual(["kept", "open"]);
    const changed = await outcome("changed");
    expect(changed.slice(0, 2)).toEqual(["canceled", "canceled"]);
    expect(await Array.fromAsync(changed[2].list())).toEqual([]);
  });

  test("is one upload at a time", async () => {
    const journal = memoryJournal();
    const target = new MemoryTarget();
    const first = upload(fileOf(bytesOf(50)), target, { journal });
    await expect(upload(fileOf(bytesOf(50)), target, { journal })).rejects.toBeInstanceOf(LockedError);
    await first;
    await upload(fileOf(bytesOf(50)), target, { journal });
  });

  test("refuses a session and a receipt that are not JSON, and leaves nothing behind", async () => {
    const target = new MemoryTarget();
    const receipt = around(target, { put: async () => ({ at: new Date() }) as never });
    await expect(upload(fileOf(bytesOf(5)), receipt)).rejects.toThrow(
      'Cannot write down "receipt.at": it must be plain JSON, received an instance of Date',
    );
    const session = around(target, {
      create: async () => ({ id: await target.create(), cancel() {} }) as never,
      cancel: async (given) => target.cancel((given as never as { id: string }).id),
    });
    await expect(upload(fileOf(bytesOf(5)), session)).rejects.toThrow('Cannot write down "session.cancel"');
    expect([...target.uploads.values()].map(({ state }) => state)).toEqual(["canceled", "canceled"]);
  });
});

describe("sweep", () => {
  test("cancels what crashed processes left behind, and nothing else", async () => {
    const journal = memoryJournal();
    const target = new MemoryTarget();
    const other = Object.assign(new MemoryTarget(), { name: "other" });
    await crash(fileOf(bytesOf(30), "v1", "left.bin"), target, 1, { partSize: 10, journal, key: "left" });
    await crash(fileOf(bytesOf(30), "v1", "else.bin"), other, 1, { partSize: 10, journal, key: "elsewhere" });
    await journal.append("nonsense", { hello: "there" });
    const found = await copyOf(journal);
    await using _ = await found.lock("busy");
    await found.append("busy", { type: "upload" });
    const report = await sweep(found, [target]);
    expect(report).toMatchObject({ canceled: ["left"], locked: ["busy"], failed: [], completed: [], unknown: [] });
    expect(report.foreign.toSorted()).toEqual(["elsewhere", "nonsense"]);
    expect(target.uploads.get("upload-0")?.state).toBe("canceled");
    expect(other.uploads.get("upload-0")?.state).toBe("open");
    expect((await Array.fromAsync(found.list())).toSorted()).toEqual(["busy", "elsewhere", "nonsense"]);
    expect((await sweep(found, [other], { olderThan: 60_000 })).young).toEqual(["elsewhere"]);
  });

  test("keeps what could not be cancelled, and says why", async () => {
    const journal = memoryJournal();
    const target = new MemoryTarget({}, (call) => (call === "cancel" ? "fail" : undefined));
    await crash(fileOf(bytesOf(30)), target, 1, { partSize: 10, journal, key: "left" });
    const found = await copyOf(journal);
    const report = await sweep(found, [target]);
    expect(report.failed).toMatchObject([{ key: "left", error: { message: "cancel failed" } }]);
    expect(await Array.fromAsync(found.list())).toEqual(["left"]);
  });
});
