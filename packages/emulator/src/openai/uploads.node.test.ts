import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { useOwnTemporaryFolder } from "../../test-support/own-temporary-folder.ts";
import { type Emulator, startEmulator } from "../index.ts";

useOwnTemporaryFolder();

let emulator: Emulator;
beforeEach(async () => {
  emulator = await startEmulator({ clock: new Date("2026-01-01T00:00:00Z") });
});
afterEach(() => emulator.close());

interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: replies are compared member by member
  json: any;
}

async function call(path: string, init: RequestInit = {}): Promise<Answer> {
  const headers = { authorization: "Bearer key", ...init.headers };
  const reply = await fetch(emulator.urls.openai + path, { method: "POST", ...init, headers });
  return { status: reply.status, headers: reply.headers, json: await reply.json() };
}

const post = (path: string, body: unknown) =>
  call(path, { body: JSON.stringify(body), headers: { "content-type": "application/json" } });

const valid = { filename: "a.jsonl", purpose: "batch", bytes: 4, mime_type: "text/jsonl" };

async function create(bytes = 4): Promise<string> {
  return (await post("/uploads", { ...valid, bytes })).json.id;
}

async function addPart(id: string, content: string | Uint8Array<ArrayBuffer>): Promise<Answer> {
  const form = new FormData();
  form.set("data", new File([content], "part"));
  return call(`/uploads/${id}/parts`, { body: form });
}

async function partId(id: string, content: string): Promise<string> {
  return (await addPart(id, content)).json.id;
}

const refused = (status: number, param: string | null, message?: RegExp) => ({
  status,
  json: {
    error: {
      message: message === undefined ? expect.any(String) : expect.stringMatching(message),
      type: "invalid_request_error",
      param,
      code: null,
    },
  },
});

test("an upload is created with the members and times of the API", async () => {
  const { status, headers, json } = await post("/uploads", valid);
  expect(status).toBe(200);
  expect(headers.get("content-type")).toBe("application/json");
  expect(headers.get("x-request-id")).toMatch(/^req_[0-9a-f]{32}$/);
  expect(headers.get("openai-version")).toBe("2020-10-01");
  expect(json).toEqual({
    id: expect.stringMatching(/^upload_/),
    object: "upload",
    bytes: 4,
    created_at: 1_767_225_600,
    expires_at: 1_767_229_200,
    filename: "a.jsonl",
    purpose: "batch",
    status: "pending",
  });
});

describe("create refuses", () => {
  const cases: [string, Record<string, unknown>, string, RegExp][] = [
    ["a missing filename", { ...valid, filename: undefined }, "filename", /Missing required parameter/],
    ["a missing purpose", { ...valid, purpose: undefined }, "purpose", /Missing required parameter/],
    [
      "an unknown purpose",
      { ...valid, purpose: "x" },
      "purpose",
      /^'x' is not one of \['fine-tune', .*\] - 'purpose'$/,
    ],
    ["a missing size", { ...valid, bytes: undefined }, "bytes", /Missing required parameter/],
    ["a size that is text", { ...valid, bytes: "4" }, "bytes", /expected an integer, but got string/],
    ["a fraction", { ...valid, bytes: 1.5 }, "bytes", /expected an integer/],
    ["a negative size", { ...valid, bytes: -1 }, "bytes", /-1/],
    ["more than 8 GB", { ...valid, bytes: 8_589_934_593 }, "bytes", /8589934592/],
    ["a missing media type", { ...valid, mime_type: undefined }, "mime_type", /Missing required parameter/],
    ["an unknown member", { ...valid, size: 4 }, "size", /Unknown parameter/],
    ["a lifetime that is too short", expiring(3599), "expires_after[seconds]", /3600/],
    ["a lifetime that is too long", expiring(2_592_001), "expires_after[seconds]", /2592000/],
    ["another anchor", expiring(3600, "now"), "expires_after[anchor]", /created_at/],
    ["a lifetime that is no object", { ...valid, expires_after: 3600 }, "expires_after", /expected an object/],
  ];
  function expiring(seconds: number, anchor = "created_at") {
    return { ...valid, expires_after: { anchor, seconds } };
  }

  test.each(cases)("%s", async (_what, body, param, message) => {
    const { status, json } = await post("/uploads", body);
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ param, message: expect.stringMatching(message), type: "invalid_request_error" });
  });

  test("what is not a JSON object", async () => {
    const json = { "content-type": "application/json" };
    expect(await call("/uploads", { body: "{", headers: json })).toMatchObject(refused(400, null, /not valid JSON/));
    expect(await call("/uploads", { body: "[]", headers: json })).toMatchObject(refused(400, null, /JSON object/));
    expect(await call("/uploads", { body: "{}" })).toMatchObject(refused(400, null, /text\/plain/));
    const large = JSON.stringify({ filename: "x".repeat(1 << 20) });
    expect(await call("/uploads", { body: large, headers: json })).toMatchObject(refused(413, null));
  });
});

describe("the state machine", () => {
  test("an unknown upload is a 404 on every call", async () => {
    for (const answer of [
      await addPart("upload_x", "a"),
      await post("/uploads/upload_x/complete", { part_ids: [] }),
      await call("/uploads/upload_x/cancel"),
    ]) {
      expect(answer).toMatchObject(refused(404, "upload_id", /upload_x/));
    }
  });

  test("an upload ends after an hour, and takes nothing more", async () => {
    const id = await create();
    const part = await partId(id, "abcd");
    emulator.clock.advance(3_599_000);
    expect(emulator.uploads.get(id)?.status).toBe("pending");
    emulator.clock.advance(1_000);
    expect(emulator.uploads.get(id)?.status).toBe("expired");
    for (const answer of [
      await addPart(id, "a"),
      await post(`/uploads/${id}/complete`, { part_ids: [part] }),
      await call(`/uploads/${id}/cancel`),
    ]) {
      expect(answer).toMatchObject(refused(400, "upload_id", /expired/));
    }
  });

  test("cancelled and completed uploads take nothing more", async () => {
    const cancelled = await create();
    await call(`/uploads/${cancelled}/cancel`);
    const completed = await create();
    const part = await partId(completed, "abcd");
    await post(`/uploads/${completed}/complete`, { part_ids: [part] });
    for (const id of [cancelled, completed]) {
      expect(await addPart(id, "a")).toMatchObject(refused(400, "upload_id"));
      expect(await call(`/uploads/${id}/cancel`)).toMatchObject(refused(400, "upload_id"));
      const body = { part_ids: [part], md5: "0".repeat(32) };
      expect(await post(`/uploads/${id}/complete`, body)).toMatchObject(refused(400, "upload_id"));
    }
  });

  test("completing again with the same body gives the same upload, with another body a 400", async () => {
    const id = await create();
    const parts = [await partId(id, "ab"), await partId(id, "cd")];
    const body = { part_ids: parts };
    const [first, second] = await Promise.all([
      post(`/uploads/${id}/complete`, body),
      post(`/uploads/${id}/complete`, body),
    ]);
    expect(first.status).toBe(200);
    expect(second.json).toEqual(first.json);
    expect((await post(`/uploads/${id}/complete`, body)).json).toEqual(first.json);
    expect(emulator.files.list()).toHaveLength(1);
    const other = await post(`/uploads/${id}/complete`, { part_ids: parts.toReversed() });
    expect(other).toMatchObject(refused(400, "upload_id"));
  });

  test("what comes while a completion is at work waits for it", async () => {
    const part = "x".repeat(8_000_000);
    const id = await create(3 * part.length);
    const body = { part_ids: [await partId(id, part), await partId(id, part), await partId(id, part)] };
    const completing = post(`/uploads/${id}/complete`, body);
    await expect
      .poll(() => emulator.requests.at(-1)?.bytesReceived, { interval: 1, timeout: 10_000 })
      .toBeGreaterThan(100);
    const [completed, cancelled, added] = await Promise.all([
      completing,
      call(`/uploads/${id}/cancel`),
      addPart(id, "a"),
    ]);
    expect(completed).toMatchObject({ status: 200, json: { status: "completed" } });
    expect(cancelled).toMatchObject(refused(400, "upload_id", /completed/));
    expect(added).toMatchObject(refused(400, "upload_id", /completed/));
  });

  test("completing again is refused with strictComplete", async () => {
    await using strict = await startEmulator({ openai: { strictComplete: true } });
    emulator.close();
    emulator = strict;
    const id = await create();
    const body = { part_ids: [await partId(id, "abcd")] };
    expect((await post(`/uploads/${id}/complete`, body)).status).toBe(200);
    expect(await post(`/uploads/${id}/complete`, body)).toMatchObject(refused(400, "upload_id"));
  });
});

describe("complete", () => {
  test("refuses what does not add up, and leaves the upload pending", async () => {
    const id = await create();
    const other = await create();
    const [ab, cd, foreign] = [await partId(id, "ab"), await partId(id, "cd"), await partId(other, "ab")];
    const complete = (body: unknown) => post(`/uploads/${id}/complete`, body);
    expect(await complete({ part_ids: [ab, "part_x"] })).toMatchObject(refused(400, "part_ids", /part_x/));
    expect(await complete({ part_ids: [ab, foreign] })).toMatchObject(refused(400, "part_ids"));
    expect(await complete({ part_ids: [ab, ab] })).toMatchObject(refused(400, "part_ids", /once/));
    expect(await complete({ part_ids: [] })).toMatchObject(refused(400, "part_ids"));
    expect(await complete({ part_ids: [ab] })).toMatchObject(refused(400, "bytes", /2 bytes.*4/));
    expect(await complete({ part_ids: [ab, cd], md5: "x" })).toMatchObject(refused(400, "md5"));
    expect((await complete({})).json.error).toMatchObject({ param: "part_ids" });
    expect((await complete({ part_ids: "x" })).json.error).toMatchObject({ param: "part_ids", code: "invalid_type" });
    expect((await complete({ part_ids: [ab, cd], x: 1 })).json.error).toMatchObject({ param: "x" });
    const md5 = createHash("md5").update("cdab").digest("hex").toUpperCase();
    expect((await complete({ part_ids: [cd, ab], md5 })).status).toBe(200);
  });

  test("makes a file of nothing from no parts", async () => {
    const id = await create(0);
    const { json } = await post(`/uploads/${id}/complete`, { part_ids: [] });
    expect(emulator.files.get(json.file.id)).toMatchObject({ size: 0, md5: "d41d8cd98f00b204e9800998ecf8427e" });
  });

  test("starts the file's lifetime", async () => {
    const lifetime = { expires_after: { anchor: "created_at", seconds: 7200 }, purpose: "evals" };
    const id = (await post("/uploads", { ...valid, ...lifetime })).json.id;
    emulator.clock.advance(600_000);
    const body = { part_ids: [await partId(id, "abcd")] };
    const { json } = await post(`/uploads/${id}/complete`, body);
    expect(json.file.expires_at).toBe(1_767_225_600 + 600 + 7200);
    emulator.clock.advance(7_200_000);
    expect((await call(`/files/${json.file.id}`, { method: "GET" })).status).toBe(404);
    expect(emulator.files.get(json.file.id)?.deletedAt).toEqual(emulator.clock.now());
  });

  test("keeps the digests of parts that were never named out of the file", async () => {
    const id = await create();
    const [ab, , cd] = [await partId(id, "ab"), await partId(id, "ab"), await partId(id, "cd")];
    const { json } = await post(`/uploads/${id}/complete`, { part_ids: [ab, cd] });
    expect(emulator.files.get(json.file.id)?.sha256).toBe(createHash("sha256").update("abcd").digest("hex"));
    expect(emulator.uploads.get(id)).toMatchObject({ status: "completed", fileId: json.file.id, size: 4 });
    expect(emulator.uploads.get(id)?.parts).toHaveLength(3);
  });
});

describe("parts", () => {
  test("need a field data with a file name", async () => {
    const id = await create();
    const field = async (name: string, value: string | Blob, filename?: string) => {
      const form = new FormData();
      if (value instanceof Blob) form.set(name, value, filename);
      else form.set(name, value);
      return call(`/uploads/${id}/parts`, { body: form });
    };
    expect((await field("file", new Blob(["a"]), "a")).json.error).toMatchObject({ param: "data" });
    expect(await field("data", "text")).toMatchObject(refused(400, "data", /file with a name/));
    expect(await field("data", "x".repeat(100_000))).toMatchObject(refused(400, "data", /no file name/));
    expect((await call(`/uploads/${id}/parts`, { body: new FormData() })).json.error).toMatchObject({ param: "data" });
    const type = { "content-type": "application/octet-stream" };
    expect(await call(`/uploads/${id}/parts`, { body: "x", headers: type })).toMatchObject(refused(400, null));
  });

  test("leave nothing in the temporary folder once their upload has ended", async () => {
    const spooled = () =>
      readdirSync(tmpdir())
        .filter((name) => name.startsWith("sluice-emulator-"))
        .flatMap((name) => readdirSync(join(tmpdir(), name)));
    const [cancelled, expired, completed] = [await create(), await create(), await create()];
    const parts = [await partId(cancelled, "abcd"), await partId(expired, "abcd"), await partId(completed, "abcd")];
    expect(spooled()).toEqual(expect.arrayContaining(parts));
    await call(`/uploads/${cancelled}/cancel`);
    await post(`/uploads/${completed}/complete`, { part_ids: [parts[2]] });
    emulator.clock.advance(3_600_000);
    emulator.uploads.list();
    await expect.poll(() => spooled().filter((name) => parts.includes(name)), { timeout: 10_000 }).toEqual([]);
  });
});

test("a call that does not exist is a 404, a wrong method a 405", async () => {
  expect(await call("/uploads/upload_x", { method: "GET" })).toMatchObject(refused(404, null, /Invalid URL/));
  const wrong = await call("/uploads", { method: "GET" });
  expect(wrong).toMatchObject(refused(405, null));
  expect(wrong.headers.get("allow")).toBe("POST");
  expect((await call("/chat/completions")).status).toBe(404);
});
