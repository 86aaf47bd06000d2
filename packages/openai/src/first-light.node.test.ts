import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "@sluice/emulator";
import { file } from "@sluice/source/node";
import { type Progress, upload } from "@sluice/uploader";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { faultyUploads } from "../test-support/faulty-uploads.ts";
import { type OpenAI as Client, openai } from "./index.ts";

const KIB = 1 << 10;
const key = "sk-planted-in-this-test-0123456789";

let emulator: Emulator;
let client: Client;
let folder: string;

beforeEach(async () => {
  emulator = await startEmulator();
  client = openai({ apiKey: key, baseUrl: emulator.urls.openai });
  folder = mkdtempSync(join(tmpdir(), "sluice-openai-"));
});
afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await emulator.close();
  rmSync(folder, { recursive: true });
});

/** A file of random bytes, so that no two parts are equal. */
function randomFile(size: number, name = "talk.mp4"): { path: string; sha256: string } {
  const bytes = randomBytes(size);
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return { path, sha256: createHash("sha256").update(bytes).digest("hex") };
}

describe("a file through openai().target into the emulator", () => {
  test.each([1, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 1_000_003])("arrives byte for byte: %i bytes", async (size) => {
    const { path, sha256 } = randomFile(size);
    const reports: Progress[] = [];
    const target = client.target({ purpose: "user_data" });
    const uploaded = await upload(file(path), target, {
      partSize: 64 * KIB,
      onProgress: (progress) => void reports.push(progress),
    });
    expect(uploaded).toMatchObject({ object: "file", bytes: size, filename: "talk.mp4", purpose: "user_data" });
    expect(emulator.files.get(uploaded.id)).toMatchObject({ sha256, size, type: "video/mp4" });
    expect(reports.at(-1)).toMatchObject({ sent: size, acknowledged: size });
  });

  test("in one line: send", async () => {
    const { path, sha256 } = randomFile(300_000);
    const reference = await client.send(file(path), { purpose: "user_data" });
    expect(emulator.files.get(reference.value)?.sha256).toBe(sha256);
    const blob = await client.send(new Blob(["{}\n"]), { purpose: "batch", filename: "events.jsonl" });
    expect(emulator.files.get(blob.value)).toMatchObject({ name: "events.jsonl", size: 3 });
  });

  test("a reply to complete that is lost is resolved by asking for the file", async () => {
    const { path, sha256 } = randomFile(200_000);
    emulator.faults.set([{ match: { route: "uploads.complete", nth: 1 }, do: { resetAfterWork: true } }]);
    const uploaded = await upload(file(path), client.target({ purpose: "user_data" }));
    expect(emulator.files.get(uploaded.id)?.sha256).toBe(sha256);
    expect(emulator.requests.filter(({ route }) => route === "uploads.complete").length).toBe(1);
  });

  test("an abort cancels the upload at the provider and rejects with the reason", async () => {
    const { path } = randomFile(2_000_000);
    emulator.faults.set([{ match: { route: "uploads.parts.create" }, do: { stallAfterBytes: 10_000 } }]);
    const abort = new AbortController();
    const reason = new Error("enough");
    const uploading = upload(file(path), client.target({ purpose: "user_data" }), {
      signal: abort.signal,
      partSize: 500_000,
    });
    setTimeout(() => abort.abort(reason), 200);
    await expect(uploading).rejects.toBe(reason);
    expect(emulator.uploads.list()[0]?.status).toBe("cancelled");
  });

  test("through seeded faults: what resolves is byte-identical, the rest reject", async () => {
    const tally = await faultyUploads(20, key);
    expect(tally).toMatchObject({ different: 0, hung: 0 });
    expect(tally.identical + tally.failures.length).toBe(20);
    expect(tally.identical).toBeGreaterThan(8);
    for (const { error } of tally.failures) {
      expect(error).toMatchObject({ code: expect.stringMatching(/^(http|bad-reply|stalled|completion-unknown)$/) });
      expect(String((error as Error).stack)).not.toContain(key);
    }
  });
});
