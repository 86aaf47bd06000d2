import { type Emulator, startEmulator } from "@sluice/emulator";
import { blobSource, bytesSource, streamSource } from "@sluice/source";
import { type Progress, upload } from "@sluice/uploader";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type OpenAI, openai } from "./index.ts";

// What a runtime must do for this package, through its own transport and sockets. The emulator may be far away: it is
// looked at through `/_sluice` alone.
let emulator: Emulator;
let client: OpenAI;

beforeEach(async () => {
  emulator = await startEmulator();
  client = openai({ apiKey: "any", baseUrl: emulator.urls.openai, retry: { base: 5 } });
});
afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await emulator.close();
});

const size = 1_000_003;
const bytes = Uint8Array.from({ length: size }, (_, index) => index ^ (index >>> 8) ^ (index >>> 16));
const ask = async (path: string, init?: RequestInit) => (await fetch(`${emulator.url}/_sluice/${path}`, init)).json();
const fault = (rule: object) => ask("faults", { method: "PUT", body: JSON.stringify({ rules: [rule] }) });

async function sha256(): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

describe("openai() on this runtime", () => {
  test.each([
    ["bytes", () => bytesSource(bytes, { name: "talk.mp4", type: "video/mp4" })],
    ["a Blob", () => blobSource(new File([bytes], "talk.mp4", { type: "video/mp4" }))],
    ["a stream", () => streamSource(new Blob([bytes]).stream(), { size, name: "talk.mp4", type: "video/mp4" })],
  ])("sends %s in one request", async (_, source) => {
    const { value } = await client.send(source(), { purpose: "user_data" });
    const file = await ask(`files/${value}`);
    expect(file).toMatchObject({ name: "talk.mp4", type: "video/mp4", size, sha256: await sha256() });
  });

  test.each([
    ["bytes", () => bytesSource(bytes, { name: "events.jsonl" })],
    ["a Blob", () => blobSource(new File([bytes], "events.jsonl"))],
    ["a stream", () => streamSource(new Blob([bytes]).stream(), { size, name: "events.jsonl" })],
  ])("uploads %s in parts, past a part that fails", async (_, source) => {
    await fault({ match: { route: "uploads.parts.create", nth: 3 }, do: { status: 503 } });
    const reports: Progress[] = [];
    const { id } = await upload(source(), client.target({ purpose: "batch" }), {
      partSize: 100_000,
      digest: ["md5"],
      onProgress: (progress) => void reports.push(progress),
    });
    expect(await ask(`files/${id}`)).toMatchObject({ size, sha256: await sha256() });
    expect(reports.at(-1)).toMatchObject({ acknowledged: size, total: size });
  });

  test("stops an upload with the reason of its signal, and cancels it there", async () => {
    await fault({ match: { route: "uploads.parts.create" }, do: { stallAfterBytes: 10_000 } });
    const abort = new AbortController();
    const reason = new Error("enough");
    const target = client.target({ purpose: "batch" });
    const uploading = upload(bytesSource(bytes), target, { partSize: 100_000, signal: abort.signal });
    const stopped = expect(uploading).rejects.toBe(reason);
    while (!(await ask("requests")).some(({ route }: { route: string }) => route === "uploads.parts.create"));
    abort.abort(reason);
    await stopped;
    const [first] = await ask("uploads");
    expect(first).toMatchObject({ status: "cancelled" });
  });

  test("lists, reads and deletes files, and tells why it cannot", async () => {
    const { value } = await client.send(bytesSource(bytes, { name: "a.txt" }), { purpose: "user_data" });
    expect((await client.files.list()).data.map(({ id }) => id)).toEqual([value]);
    expect(await client.files.get(value)).toMatchObject({ id: value, bytes: size });
    await client.files.delete(value);
    await expect(client.files.get(value)).rejects.toMatchObject({ code: "http", status: 404, retryable: false });
  });
});
