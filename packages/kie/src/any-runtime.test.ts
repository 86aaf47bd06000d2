import { type Emulator, startEmulator } from "@sluice/emulator";
import { waitFor } from "@sluice/poller";
import { blobSource, bytesSource, streamSource } from "@sluice/source";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Kie, kie } from "./index.ts";

// What a runtime must do for this package, through its own transport and sockets. The emulator may be far away: it is
// looked at through `/_sluice` alone.
let emulator: Emulator;
let client: Kie;

beforeEach(async () => {
  emulator = await startEmulator({ kie: { early: 5, wait: 5, queue: 5, run: 10 } });
  client = kie({ apiKey: "any", baseUrl: emulator.urls.kie, retry: { base: 5 } });
});
afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await emulator.close();
});

const size = 1_200_001;
const bytes = Uint8Array.from({ length: size }, (_, index) => index ^ (index >>> 8) ^ (index >>> 16));
const ask = async (path: string, init?: RequestInit) => (await fetch(`${emulator.url}/_sluice/${path}`, init)).json();

async function sha256(of: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", of));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

describe("kie() on this runtime", () => {
  test.each([
    ["bytes", () => bytesSource(bytes, { name: "talk.mp4", type: "video/mp4" })],
    ["a Blob", () => blobSource(new File([bytes], "talk.mp4", { type: "video/mp4" }))],
    ["a stream", () => streamSource(new Blob([bytes]).stream(), { size, name: "talk.mp4", type: "video/mp4" })],
  ])("sends %s as a form", async (_, source) => {
    expect(await client.send(source())).toMatchObject({ method: "stream", size });
    const [file] = await ask("files");
    expect(file).toMatchObject({ type: "video/mp4", size, sha256: await sha256(bytes) });
  });

  test("sends a small file as base64", async () => {
    const small = bytes.subarray(0, 100_000);
    expect(await client.send(bytesSource(small, { name: "a.png" }))).toMatchObject({ method: "base64" });
    const [file] = await ask("files");
    expect(file).toMatchObject({ size: 100_000, sha256: await sha256(small.slice()) });
  });

  test("creates a job and follows it to its result", async () => {
    const { value } = await client.send(new Blob(["abc"], { type: "image/png" }));
    const job = await client.createJob("google/nano-banana-edit", { prompt: "a weir", image_urls: [value] });
    const { urls } = await waitFor(client.task(job), { interval: 3, deadline: 30_000 });
    expect(urls).toEqual([expect.stringMatching(/^http.*\.png$/)]);
  });

  test("stops with the reason of its signal while bytes are on their way", async () => {
    const rules = [{ match: { route: "uploads.stream" }, do: { stallAfterBytes: 10_000 } }];
    await ask("faults", { method: "PUT", body: JSON.stringify({ rules }) });
    const abort = new AbortController();
    const reason = new Error("enough");
    const stopped = expect(
      client.send(bytesSource(bytes, { name: "talk.mp4" }), { signal: abort.signal }),
    ).rejects.toBe(reason);
    while ((await ask("requests")).length === 0);
    abort.abort(reason);
    await stopped;
  });
});
