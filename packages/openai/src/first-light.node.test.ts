import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "@sluice/emulator";
import { file } from "@sluice/source/node";
import { type Progress, upload } from "@sluice/uploader";
import OpenAI, { toFile } from "openai";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
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
    const { path, sha256 } = randomFile(400_000);
    emulator.faults.set([
      { match: { provider: "openai", rate: 0.06 }, do: { status: 500 } },
      { match: { provider: "openai", rate: 0.06 }, do: { status: 429, retryAfter: 5 } },
      { match: { route: "uploads.parts.create", rate: 0.06 }, do: { resetAfterBytes: 20_000 } },
      { match: { provider: "openai", rate: 0.06 }, do: { resetAfterWork: true } },
      { match: { route: "uploads.parts.create", rate: 0.03 }, do: { stallAfterBytes: 20_000 } },
    ]);
    await using impatient = openai({
      apiKey: key,
      baseUrl: emulator.urls.openai,
      timeouts: { stall: 150, headers: 500 },
      retry: { base: 5, cap: 20 },
    });
    let right = 0;
    const failures: unknown[] = [];
    for (let round = 0; round < 25; round += 1) {
      const one = upload(file(path), impatient.target({ purpose: "user_data", filename: `round-${round}` }), {
        partSize: 64 * KIB,
        retry: { base: 5, cap: 20 },
      });
      try {
        const uploaded = await one;
        expect(emulator.files.get(uploaded.id)?.sha256).toBe(sha256);
        right += 1;
      } catch (error) {
        failures.push(error);
      }
    }
    for (const failure of failures)
      expect(failure).toMatchObject({ code: expect.stringMatching(/^(http|stalled|completion-unknown)$/) });
    expect(right).toBeGreaterThan(12);
    expect(String(failures.map((failure) => (failure as Error).stack))).not.toContain(key);
  }, 60_000);
});

describe("each request beside the official SDK's", () => {
  /** What arrived, in what matters: method, path, and the headers that both set on purpose. */
  const arrived = () =>
    emulator.requests.map(({ method, path, headers }) => ({
      method,
      path: path.replaceAll(/upload_\w+/g, "ID"),
      accept: headers["accept"],
      type: String(headers["content-type"]).replace(/boundary=.*/, "boundary=…"),
      framing: headers["transfer-encoding"] ?? "content-length",
      authorization: "authorization" in headers,
    }));

  test("create, parts, complete and cancel look the same to the server", async () => {
    const sdk = new OpenAI({ apiKey: key, baseURL: emulator.urls.openai, maxRetries: 0 });
    const data = new Uint8Array(1000).fill(7);
    const created = {
      bytes: 1000,
      filename: "a.bin",
      mime_type: "application/octet-stream",
      purpose: "user_data",
    } as const;
    const theirs = await sdk.uploads.create(created);
    const theirPart = await sdk.uploads.parts.create(theirs.id, { data: await toFile(data, "a.bin") });
    await sdk.uploads.complete(theirs.id, {
      part_ids: [theirPart.id],
      md5: createHash("md5").update(data).digest("hex"),
    });
    await sdk.uploads.cancel((await sdk.uploads.create(created)).id);
    const expected = arrived();

    emulator.requests.length = 0;
    const { bytesSource } = await import("@sluice/source");
    const ours = await client.createUpload({
      bytes: 1000,
      filename: "a.bin",
      mimeType: "application/octet-stream",
      purpose: "user_data",
    });
    const part = await client.addUploadPart(ours.id, bytesSource(data, { name: "a.bin" }));
    const md5 = createHash("md5").update(data).digest("hex");
    const { file: whole } = await client.completeUpload(ours.id, { partIds: [part.id], md5 });
    await client.cancelUpload(
      (
        await client.createUpload({
          bytes: 1000,
          filename: "a.bin",
          mimeType: "application/octet-stream",
          purpose: "user_data",
        })
      ).id,
    );
    expect(arrived()).toEqual(expected);
    expect(emulator.files.get(whole.id)?.md5).toBe(md5);
  });
});
