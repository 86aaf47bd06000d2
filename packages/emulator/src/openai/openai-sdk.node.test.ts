import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI, {
  APIConnectionError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
  toFile,
  toStreamingFile,
} from "openai";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Emulator, startEmulator } from "../index.ts";

// The official SDK, unmodified, through its documented calls.
let emulator: Emulator;
let client: OpenAI;
let storage: string;

beforeEach(async () => {
  storage = mkdtempSync(join(tmpdir(), "emulator-test-"));
  emulator = await startEmulator({ storage });
  client = new OpenAI({ apiKey: "sk-planted-key", baseURL: emulator.urls.openai });
});

afterEach(async () => {
  await emulator.close();
  rmSync(storage, { recursive: true });
});

const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex");
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function createUpload(bytes: number, name = "events.jsonl") {
  return client.uploads.create({ bytes, filename: name, mime_type: "text/jsonl", purpose: "batch" });
}

describe("uploads", () => {
  test("parts in any order and both framings become one file, in the order of part_ids", async () => {
    const whole = randomBytes(3_000_001);
    const cuts = [
      whole.subarray(0, 1_000_000),
      whole.subarray(1_000_000, 2_500_000),
      whole.subarray(2_500_000),
    ] as const;
    const upload = await createUpload(whole.length);
    expect(upload).toMatchObject({ object: "upload", status: "pending", bytes: whole.length, purpose: "batch" });
    expect(upload.expires_at).toBe(upload.created_at + 3600);
    const last = await client.uploads.parts.create(upload.id, { data: new File([cuts[2]], "c") });
    const [first, second] = await Promise.all([
      client.uploads.parts.create(upload.id, { data: toStreamingFile(pieces(cuts[0], 70_001), "a") }),
      client.uploads.parts.create(upload.id, { data: await toFile(cuts[1], "b") }),
    ]);
    expect(first).toEqual({
      id: first.id,
      object: "upload.part",
      created_at: first.created_at,
      upload_id: upload.id,
    });
    const done = await client.uploads.complete(upload.id, {
      part_ids: [first.id, second.id, last.id],
      md5: md5(whole),
    });
    expect(done).toMatchObject({ id: upload.id, status: "completed", bytes: whole.length });
    expect(done.file).toMatchObject({
      object: "file",
      bytes: whole.length,
      filename: "events.jsonl",
      status: "processed",
    });
    const stored = emulator.files.get(done.file?.id ?? "");
    expect(stored).toMatchObject({ size: whole.length, sha256: sha256(whole), md5: md5(whole), type: "text/jsonl" });
    const framings = emulator.requests.filter(({ route }) => route === "uploads.parts.create");
    expect(framings.map(({ headers }) => headers["transfer-encoding"]).sort()).toEqual([
      "chunked",
      undefined,
      undefined,
    ]);
    const content = await client.files.content(done.file?.id ?? "");
    expect(Buffer.from(await content.arrayBuffer()).equals(whole)).toBe(true);
  });

  test("cancel ends an upload", async () => {
    const upload = await createUpload(4);
    await client.uploads.parts.create(upload.id, { data: new File(["ab"], "a") });
    expect(await client.uploads.cancel(upload.id)).toMatchObject({ id: upload.id, status: "cancelled" });
    const late = client.uploads.parts.create(upload.id, { data: new File(["cd"], "b") });
    await expect(late).rejects.toThrow(BadRequestError);
  });

  test("a wrong sum and a wrong md5 are refused, and leave the upload pending", async () => {
    const upload = await createUpload(4);
    const ab = await client.uploads.parts.create(upload.id, { data: new File(["ab"], "a") });
    const short = await client.uploads.complete(upload.id, { part_ids: [ab.id] }).catch((error: unknown) => error);
    expect(short).toBeInstanceOf(BadRequestError);
    expect(short).toMatchObject({ status: 400, param: "bytes", type: "invalid_request_error", code: null });
    const cd = await client.uploads.parts.create(upload.id, { data: new File(["cd"], "b") });
    const wrong = client.uploads.complete(upload.id, { part_ids: [ab.id, cd.id], md5: "0".repeat(32) });
    await expect(wrong).rejects.toMatchObject({ status: 400, param: "md5" });
    const done = await client.uploads.complete(upload.id, { part_ids: [ab.id, cd.id], md5: md5(Buffer.from("abcd")) });
    expect(done.status).toBe("completed");
  });

  test("bytes passed for a file are refused, not taken for an empty one", async () => {
    const upload = await createUpload(3);
    // Untyped callers do this; the SDK then sends one text field for each byte.
    const params = { data: Buffer.from("abc") } as unknown as OpenAI.Uploads.PartCreateParams;
    await expect(client.uploads.parts.create(upload.id, params)).rejects.toMatchObject({ status: 400, param: "data" });
  });
});

describe("files", () => {
  test("create, retrieve, list, content and delete", async () => {
    const bytes = randomBytes(700_000);
    const file = await client.files.create({
      file: new File([bytes], "naïve 文件.bin"),
      purpose: "user_data",
      expires_after: { anchor: "created_at", seconds: 3600 },
    });
    expect(file).toMatchObject({ bytes: bytes.length, filename: "naïve 文件.bin", purpose: "user_data" });
    expect(file.expires_at).toBe(file.created_at + 3600);
    expect(emulator.files.get(file.id)).toMatchObject({ sha256: sha256(bytes), name: "naïve 文件.bin" });
    expect(await client.files.retrieve(file.id)).toEqual(file);
    expect((await client.files.waitForProcessing(file.id)).status).toBe("processed");
    const other = await client.files.create({ file: toStreamingFile(pieces(bytes, 9_999), "b"), purpose: "batch" });
    const listed: string[] = [];
    for await (const { id } of client.files.list({ limit: 1, order: "asc" })) listed.push(id);
    expect(listed).toEqual([file.id, other.id]);
    const content = await client.files.content(file.id);
    expect(Buffer.from(await content.arrayBuffer()).equals(bytes)).toBe(true);
    expect(await client.files.delete(file.id)).toEqual({ id: file.id, object: "file", deleted: true });
    await expect(client.files.retrieve(file.id)).rejects.toThrow(NotFoundError);
  });
});

describe("failures", () => {
  test("an unknown upload is a 404, an unknown file too", async () => {
    const upload = client.uploads.complete("upload_none", { part_ids: [] });
    await expect(upload).rejects.toMatchObject({ status: 404, param: "upload_id" });
    await expect(client.files.retrieve("file-none")).rejects.toMatchObject({ status: 404, param: "id", code: null });
  });

  test("a missing key is a 401 with the recorded shape and a request id", async () => {
    const open = client.withOptions({ defaultHeaders: { authorization: null } });
    const error = await open.files.list().then(
      () => undefined,
      (failure: unknown) => failure,
    );
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ status: 401, code: "invalid_api_key", param: null, type: "invalid_request_error" });
    expect((error as AuthenticationError).requestID).toBe(emulator.requests[0]?.id);
    expect((error as AuthenticationError).headers.get("www-authenticate")).toBe('Bearer realm="OpenAI API"');
  });

  test("500 and 429 are retried, by retry-after-ms", async () => {
    emulator.faults.set([
      { match: { route: "uploads.create", nth: 1 }, do: { status: 500, retryAfter: 1 } },
      { match: { route: "uploads.create", nth: 2 }, do: { retryAfter: 1 } },
    ]);
    await createUpload(1);
    expect(emulator.requests.map(({ status }) => status)).toEqual([500, 429, 200]);
    expect(emulator.requests.map(({ headers }) => headers["x-stainless-retry-count"])).toEqual(["0", "1", "2"]);
  });

  test("faults for good surface as the SDK's own classes", async () => {
    emulator.faults.set([
      { match: { route: "files.list" }, do: { status: 503, retryAfter: 1 } },
      { match: { route: "files.retrieve" }, do: { retryAfter: 1 } },
      { match: { route: "files.delete" }, do: { resetAfterWork: true } },
    ]);
    await expect(client.files.list()).rejects.toThrow(InternalServerError);
    await expect(client.files.retrieve("file-x")).rejects.toThrow(RateLimitError);
    await expect(client.files.delete("file-x", { maxRetries: 0 })).rejects.toThrow(APIConnectionError);
  });

  test("a completion whose reply was lost succeeds again", async () => {
    emulator.faults.set([{ match: { route: "uploads.complete", nth: 1 }, do: { resetAfterWork: true } }]);
    const upload = await createUpload(2);
    const part = await client.uploads.parts.create(upload.id, { data: new File(["ab"], "a") });
    const done = await client.uploads.complete(upload.id, { part_ids: [part.id] });
    expect(done.status).toBe("completed");
    const completions = emulator.requests.filter(({ route }) => route === "uploads.complete");
    expect(completions.map(({ outcome }) => outcome)).toEqual(["reset", "answered"]);
    expect(emulator.files.list()).toHaveLength(1);
  });

  test("no key is kept anywhere", async () => {
    await client.files.list();
    expect(JSON.stringify(emulator.requests)).not.toContain("planted");
    expect(emulator.requests[0]?.headers["authorization"]).toBe("hidden");
  });
});
