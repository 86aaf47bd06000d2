import { setTimeout as sleep } from "node:timers/promises";
import { type Emulator, startEmulator } from "@sluice/emulator";
import { bytesSource } from "@sluice/source";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Kie, kie, type SendOutcome } from "./index.ts";

let emulator: Emulator;
let client: Kie;

beforeAll(async () => {
  emulator = await startEmulator();
  client = kie({ apiKey: "any-key", baseUrl: emulator.urls.kie, retry: { base: 2 } });
});
beforeEach(() => {
  emulator.faults.clear();
  emulator.requests.length = 0;
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await emulator.close();
});

const blob = (text: string) => new Blob([text]);
const open = () => emulator.requests.filter(({ outcome }) => outcome === "open").length;

describe("sendAll", () => {
  test("sends files and URLs, and tells how each went", async () => {
    const served = (await client.send(blob("served"))).value;
    const inputs = [
      blob("one"),
      { input: bytesSource(new Uint8Array(2_000_000)), uploadPath: "large" },
      { input: new URL(served), method: "url" as const },
      { input: blob("named"), fileName: "own.txt" },
      { input: blob("no"), accept: ["image/*"] },
      "/etc/passwd" as never,
    ];
    const outcomes = await Array.fromAsync(client.sendAll(inputs, { uploadPath: "batch" }));
    const byInput = new Map(outcomes.map((outcome) => [outcome.input, outcome]));
    const pathOf = (outcome?: SendOutcome) => (outcome?.ok ? outcome.result.raw?.filePath : outcome?.error);
    expect(outcomes).toHaveLength(6);
    expect(pathOf(byInput.get(inputs[0] as Blob))).toMatch(/^batch\//);
    expect(pathOf(outcomes.find(({ ok, input }) => ok && "stream" in input && "close" in input))).toMatch(/^large\//);
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(3);
    // The emulator keeps digests, not bytes: what it is asked to fetch from itself is not there.
    const failures = outcomes.flatMap((outcome) => (outcome.ok ? [] : [String(outcome.error)])).sort();
    expect(failures).toEqual([
      expect.stringContaining("Failed to download file from URL: HTTP 404"),
      expect.stringContaining("it is application/octet-stream"),
      expect.stringContaining("Cannot send a string"),
    ]);
  });

  test("has so many on their way at once, and takes no more than there is room for", async () => {
    emulator.faults.set([{ match: { route: "uploads.*" }, do: { delay: 30 } }]);
    let taken = 0;
    let most = 0;
    function* inputs() {
      for (let index = 0; index < 12; index += 1) {
        taken += 1;
        yield blob(String(index));
      }
    }
    let outcomes = 0;
    for await (const outcome of client.sendAll(inputs(), { concurrency: 3 })) {
      expect(outcome.ok).toBe(true);
      outcomes += 1;
      most = Math.max(most, open());
      expect(taken).toBeLessThanOrEqual(outcomes + 3);
    }
    expect([outcomes, most <= 3]).toEqual([12, true]);
  });

  test("takes inputs as they come, and ends with the one that they end with", async () => {
    async function* inputs() {
      yield blob("one");
      await sleep(20);
      yield blob("two");
      throw new Error("no more");
    }
    const seen: boolean[] = [];
    const all = async () => {
      for await (const { ok } of client.sendAll(inputs())) seen.push(ok);
    };
    await expect(all()).rejects.toThrow("no more");
    expect(seen[0]).toBe(true);
    expect(await Array.fromAsync(client.sendAll([]))).toEqual([]);
  });

  test("an abort is an outcome of those on their way, and rejects", async () => {
    emulator.faults.set([{ match: { route: "uploads.*" }, do: { stallAfterBytes: 1 } }]);
    const controller = new AbortController();
    const reason = new Error("enough");
    const errors: unknown[] = [];
    const all = async () => {
      const inputs = Array.from({ length: 10 }, (_, index) => blob(String(index)));
      for await (const outcome of client.sendAll(inputs, { concurrency: 2, signal: controller.signal })) {
        if (!outcome.ok) errors.push(outcome.error);
      }
    };
    setTimeout(() => controller.abort(reason), 50);
    await expect(all()).rejects.toBe(reason);
    expect(errors).toEqual([reason, reason]);
  });

  test("an abort ends it also while nothing is to be had", async () => {
    async function* never() {
      yield blob("one");
      await new Promise(() => {});
    }
    const controller = new AbortController();
    const reason = new Error("enough");
    const seen: SendOutcome[] = [];
    const all = async () => {
      for await (const outcome of client.sendAll(never(), { signal: controller.signal })) {
        seen.push(outcome);
        setTimeout(() => controller.abort(reason), 10);
      }
    };
    await expect(all()).rejects.toBe(reason);
    expect(seen).toMatchObject([{ ok: true }]);
  });

  test("whoever stops looking stops what is on its way", async () => {
    emulator.faults.set([{ match: { route: "uploads.base64", nth: [2, 3] }, do: { stallAfterBytes: 1 } }]);
    let ended = false;
    function* inputs() {
      try {
        for (;;) yield blob("a");
      } finally {
        ended = true;
      }
    }
    for await (const { ok } of client.sendAll(inputs(), { concurrency: 3 })) {
      expect(ok).toBe(true);
      break;
    }
    expect(ended).toBe(true);
    await expect.poll(open, { timeout: 10_000 }).toBe(0);
  });

  test("refuses what cannot be meant", async () => {
    const first = (options: object) => client.sendAll([blob("a")], options).next();
    await expect(first({ concurrency: 0 })).rejects.toThrow(RangeError);
    await expect(first({ fileName: "a.txt" })).rejects.toThrow(/overwrite one another/);
    expect(emulator.requests).toEqual([]);
  });
});
