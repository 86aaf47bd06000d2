import { type Emulator, startEmulator } from "@sluice/emulator";
import { waitFor } from "@sluice/poller";
import { blobSource, bytesSource, streamSource } from "@sluice/source";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type OneAi, oneai } from "./index.ts";

// What a runtime must do for this package, through its own transport and sockets. The emulator may be far away: it is
// looked at through `/_sluice` alone.
let emulator: Emulator;
let client: OneAi;

beforeEach(async () => {
  emulator = await startEmulator({ oneai: { start: 5, run: 10 } });
  client = oneai({ apiKey: "any", baseUrl: emulator.urls.oneai, retry: { base: 5 } });
});
afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await emulator.close();
});

const size = 300_001;
const bytes = Uint8Array.from({ length: size }, (_, index) => index ^ (index >>> 8) ^ (index >>> 16));
const quick = { interval: 1, maxInterval: 5 };
const ask = async (path: string, init?: RequestInit) => (await fetch(`${emulator.url}/_sluice/${path}`, init)).json();

async function sha256(): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

describe("oneai() on this runtime", () => {
  test("answers a text at once", async () => {
    const { output } = await client.run([{ skill: "keywords", params: {} }], "Sluices let water through.");
    expect(output[0]?.labels[0]?.skill).toBe("keywords");
  });

  test.each([
    ["bytes", () => bytesSource(bytes, { name: "talk.wav" })],
    ["a Blob", () => blobSource(new File([bytes], "talk.wav"))],
    ["a stream", () => streamSource(new Blob([bytes]).stream(), { size, name: "talk.wav" })],
  ])("uploads %s with its steps, and follows the task", async (_, source) => {
    const result = await client.run("transcribe", source(), quick);
    expect(JSON.stringify(result.raw)).toContain(await sha256());
  });

  test("sends a small file inside of JSON", async () => {
    const result = await client.run("summarize", bytesSource(bytes, { name: "talk.txt" }));
    expect(JSON.parse(result.output[0]?.text ?? "{}")).toMatchObject({ size, sha256: await sha256() });
  });

  test("starts a task that another process can follow", async () => {
    const { id } = await client.start(["transcribe"], bytesSource(bytes, { name: "talk.wav" }));
    const { output } = await waitFor(client.task(id), { interval: 5, deadline: 30_000 });
    expect(output[0]?.step).toBe("transcribe");
  });

  test("stops with the reason of its signal while bytes are on their way", async () => {
    const rules = [{ match: { route: "pipeline.upload" }, do: { stallAfterBytes: 10_000 } }];
    await ask("faults", { method: "PUT", body: JSON.stringify({ rules }) });
    const abort = new AbortController();
    const reason = new Error("enough");
    const running = client.run("transcribe", bytesSource(bytes, { name: "talk.wav" }), { signal: abort.signal });
    const stopped = expect(running).rejects.toBe(reason);
    while ((await ask("requests")).length === 0);
    abort.abort(reason);
    await stopped;
  });
});
