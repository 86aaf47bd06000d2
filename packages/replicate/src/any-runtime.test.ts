import { type Emulator, startEmulator } from "@sluice/emulator";
import { blobSource, bytesSource, streamSource } from "@sluice/source";
import { collectBytes } from "@sluice/streams";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type OutputSource, type Replicate, replicate } from "./index.ts";

// What a runtime must do for this package, through its own transport and sockets. The emulator may be far away: it is
// looked at through `/_sluice` alone.
let emulator: Emulator;
let client: Replicate;

beforeEach(async () => {
  emulator = await startEmulator({ replicate: { start: 10, run: 30 } });
  client = replicate({ apiToken: "any", baseUrl: emulator.urls.replicate, retry: { base: 5 } });
});
afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await emulator.close();
});

const size = 300_001;
const bytes = Uint8Array.from({ length: size }, (_, index) => index ^ (index >>> 8) ^ (index >>> 16));
const ask = async (path: string) => (await fetch(`${emulator.url}/_sluice/${path}`)).json();

async function sha256(): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

describe("replicate() on this runtime", () => {
  test.each([
    ["bytes", () => bytesSource(bytes, { name: "talk.mp3", type: "audio/mpeg" })],
    ["a Blob", () => blobSource(new File([bytes], "talk.mp3", { type: "audio/mpeg" }))],
    ["a stream", () => streamSource(new Blob([bytes]).stream(), { size, name: "talk.mp3", type: "audio/mpeg" })],
  ])("uploads %s", async (_, source) => {
    expect(await client.send(source())).toMatchObject({ method: "upload", size });
    const [file] = await ask("files");
    expect(file).toMatchObject({ name: "talk.mp3", type: "audio/mpeg", size, sha256: await sha256() });
  });

  test("runs a model, and streams the file that it made", async () => {
    const input = { image: bytesSource(bytes, { type: "image/png" }), emulate: { size: 200_003 } };
    const output = await client.run<OutputSource>("owner/file", { input });
    expect((await collectBytes(output.stream(), { limit: 1_000_000 })).byteLength).toBe(200_003);
  });

  test("streams what a model writes while it writes", async () => {
    const prediction = await client.createPrediction("owner/text", { input: { prompt: "Once upon a time" } });
    let text = "";
    const reader = client.stream(prediction).getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) text += next.value;
    expect(text).toBe("Once upon a time");
  });

  test("tells of a prediction that fails", async () => {
    const input = { prompt: "a", emulate: { error: "no GPU" } };
    await expect(client.run("owner/digest-fail", { input })).rejects.toMatchObject({ code: "task-failed" });
  });

  test("stops with the reason of its signal, and cancels the prediction", async () => {
    const abort = new AbortController();
    const reason = new Error("enough");
    const running = client.run("owner/digest-never", {
      input: {},
      signal: abort.signal,
      onPrediction: () => abort.abort(reason),
    });
    await expect(running).rejects.toBe(reason);
    const routes = (await ask("requests")).map(({ route }: { route: string }) => route);
    expect(routes).toContain("predictions.cancel");
  });
});
