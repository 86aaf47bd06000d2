import { createHash, createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createClock, type Emulator, startEmulator } from "../index.ts";

let emulator: Emulator;
beforeEach(async () => {
  emulator = await startEmulator({ replicate: { start: 10, run: 30 } });
});
afterEach(() => emulator.close());

const headers = { authorization: "Bearer key", "content-type": "application/json" };
const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");

async function post(path: string, body: unknown, extra: Record<string, string> = {}, base = emulator.urls.replicate) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const reply = await fetch(base + path, { method: "POST", body: text, headers: { ...headers, ...extra } });
  return { status: reply.status, headers: reply.headers, json: await reply.json() };
}

async function get(path: string, base = emulator.urls.replicate) {
  const reply = await fetch(base + path, { headers });
  return { status: reply.status, headers: reply.headers, json: await reply.json() };
}

/** Creates and waits. */
async function run(model: string, input: unknown, extra: Record<string, string> = {}) {
  return post(`/models/owner/${model}/predictions`, { input }, { prefer: "wait", ...extra });
}

async function listening(listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}`, close };
}

describe("files in the input", () => {
  test("data URIs of any length, with escapes, nested, are digested and cut in the echo", async () => {
    const long = randomBytes(500_001);
    const short = randomBytes(10);
    // As PHP writes it.
    const uri = `data:image/png;base64,${long.toString("base64")}`;
    const body = JSON.stringify({
      input: { images: [uri, { deep: `data:;base64,${short.toString("base64")}` }] },
    }).replaceAll("/", "\\/");
    const { json } = await post("/models/a/b/predictions", body, { prefer: "wait=5" });
    expect(json.output.files).toMatchObject([
      { at: "/images/0", via: "data-uri", type: "image/png", size: 500_001, sha256: sha256(long) },
      { at: "/images/1/deep", type: "text/plain", size: 10, sha256: sha256(short) },
    ]);
    expect(json.input.images[0]).toMatch(/^data:image\/png;base64,.{78}… \(500001 bytes\)$/);
  });

  test("a data URI without ;base64 is text", async () => {
    const { json } = await run("digest", { file: "data:text/plain,aGk%3D" });
    expect(json.output.files).toMatchObject([{ size: 4, sha256: sha256("aGk=") }]);
  });

  test("addresses: of its own files, of this machine, and others, which are not fetched", async () => {
    const form = new FormData();
    form.set("content", new Blob(["abc"], { type: "text/x" }), "a");
    const { authorization } = headers;
    const made = await fetch(`${emulator.urls.replicate}/files`, {
      method: "POST",
      body: form,
      headers: { authorization },
    });
    const file = (await made.json()) as { id: string; urls: { get: string } };
    const server = await listening((request, response) => {
      response.statusCode = request.url === "/gone" ? 404 : 200;
      response.setHeader("content-type", "audio/mpeg").end("weir");
    });
    const { json } = await run("digest", {
      own: file.urls.get,
      near: `${server.url}/a.mp3`,
      far: "https://files.example/b.mp3",
    });
    expect(json.output.files).toMatchObject([
      { via: "file", type: "text/x", size: 3, sha256: sha256("abc") },
      { via: "url", type: "audio/mpeg", size: 4, sha256: sha256("weir") },
      { via: "url", type: null, size: null, sha256: null },
    ]);
    expect((await run("digest", { a: `${server.url}/gone` })).json).toMatchObject({
      status: "failed",
      error: expect.stringContaining("HTTP 404"),
    });
    await fetch(file.urls.get, { method: "DELETE", headers });
    expect((await run("digest", { a: file.urls.get })).json).toMatchObject({ status: "failed", output: null });
    server.close();
  });
});

describe("waiting", () => {
  test.each([
    ["wait", "wait", 201],
    ["wait=1", "wait=1", 201],
    ["wait=300", "wait=60", 201],
  ])("Prefer: %s is applied as %s", async (prefer, applied, status) => {
    const reply = await run("digest", {}, { prefer });
    expect([reply.headers.get("preference-applied"), reply.status]).toEqual([applied, status]);
    expect(reply.json).toMatchObject({ status: "succeeded", data_removed: false });
  });

  test("an end of the wait before that of the model is a 202 with its address", async () => {
    const reply = await run("slow", {}, { prefer: "wait=1" });
    expect(reply.status).toBe(202);
    expect(reply.json.status).toBe("processing");
    expect(reply.headers.get("location")).toBe(reply.json.urls.get);
  });

  test("early, partial and empty answers", async () => {
    const prompt = "a b c";
    expect(await run("text-early", { prompt })).toMatchObject({
      status: 201,
      json: { status: "processing", output: ["a", " b", " c", ""] },
    });
    expect(await run("text-partial", { prompt })).toMatchObject({
      status: 202,
      json: { status: "processing", output: ["a", " b"] },
    });
    const empty = await run("empty", {});
    expect([empty.status, empty.json.status, "output" in empty.json]).toEqual([202, "processing", false]);
  });
});

describe("the clock", () => {
  test("moves predictions on, and takes their data away", async () => {
    const clock = createClock(new Date("2026-01-01T00:00:00Z"));
    await using still = await startEmulator({ clock });
    const base = still.urls.replicate;
    const { json: made } = await post("/models/a/slow/predictions", { input: { emulate: { kind: "file" } } }, {}, base);
    const read = async () => (await get(`/predictions/${made.id}`, base)).json;
    expect(await read()).toMatchObject({ status: "starting", created_at: "2026-01-01T00:00:00.000Z" });
    clock.advance(50);
    expect(await read()).toMatchObject({ status: "processing", started_at: "2026-01-01T00:00:00.050000Z" });
    clock.advance(60_000);
    const done = await read();
    expect(done).toMatchObject({ status: "succeeded", completed_at: "2026-01-01T00:01:00.050000000Z" });
    expect((await fetch(done.output)).status).toBe(200);
    clock.advance(3_600_000);
    const removed = await read();
    expect([removed.data_removed, removed.output, removed.input]).toEqual([true, null, {}]);
    expect((await fetch(done.output)).status).toBe(404);
  });

  test("Cancel-After aborts what has not begun, and cancels what runs", async () => {
    const input = { emulate: { start: 10_000, run: 10_000 } };
    const after = async (header: string) => {
      const { json } = await post("/models/a/b/predictions", { input }, { "cancel-after": header });
      return json;
    };
    const [early, late] = [await after("5s"), await after("15s")];
    expect(Date.parse(early.deadline) - Date.parse(early.created_at)).toBe(5000);
    emulator.clock.advance(16_000);
    expect((await get(`/predictions/${early.id}`)).json).toMatchObject({ status: "aborted", output: null });
    expect((await get(`/predictions/${late.id}`)).json).toMatchObject({ status: "canceled", logs: null });
    for (const header of ["4s", "soon", "99999999999h"]) {
      expect((await post("/models/a/b/predictions", { input }, { "cancel-after": header })).status).toBe(422);
    }
  });
});

describe("outputs", () => {
  test("are files of the size that is asked for, whole and in ranges", async () => {
    const { json } = await run("file", { emulate: { size: 200_003 } });
    const whole = Buffer.from(await (await fetch(json.output)).arrayBuffer());
    expect(whole.length).toBe(200_003);
    expect(whole.readBigUInt64BE(65_536)).toBe(65_536n);
    const part = await fetch(json.output, { headers: { range: "bytes=70001-140002" } });
    expect([part.status, part.headers.get("content-range")]).toEqual([206, "bytes 70001-140002/200003"]);
    expect(Buffer.from(await part.arrayBuffer()).equals(whole.subarray(70_001, 140_003))).toBe(true);
    expect((await fetch(json.output, { headers: { range: "bytes=200003-" } })).status).toBe(416);
  });

  test("links of images, where the call did not wait", async () => {
    const { json } = await post("/models/a/image/predictions", { input: { emulate: { count: 2 } } });
    emulator.clock.advance(1000);
    const { output } = (await get(`/predictions/${json.id}`)).json;
    expect(output).toHaveLength(2);
    expect((await fetch(output[1])).headers.get("content-type")).toBe("image/png");
  });
});

describe("signed downloads", () => {
  test("need no token, but a signature that is right and not over", async () => {
    const storage = mkdtempSync(join(tmpdir(), "emulator-test-"));
    await using keeping = await startEmulator({ storage, replicate: { filesSecret: "s" } });
    const form = new FormData();
    form.set("content", new Blob(["abc"]), "a b.txt");
    const { authorization } = headers;
    const url = `${keeping.urls.replicate}/files`;
    const { id } = (await (await fetch(url, { method: "POST", body: form, headers: { authorization } })).json()) as {
      id: string;
    };
    const expiry = String(Math.floor(Date.now() / 1000) + 60);
    const signature = createHmac("sha256", "s").update(`me ${id} ${expiry}`).digest("base64");
    const signed = `${url}/${id}/download?${new URLSearchParams({ owner: "me", expiry, signature })}`;
    expect(await (await fetch(signed)).text()).toBe("abc");
    expect((await fetch(signed.replace("owner=me", "owner=you"))).status).toBe(403);
    keeping.clock.advance(61_000);
    expect((await fetch(signed)).status).toBe(403);
    rmSync(storage, { recursive: true });
  });
});

describe("event streams", () => {
  test("a failure is an error and then done; a cancel gives its reason", async () => {
    const { json } = await post("/models/a/text-fail/predictions", { input: { prompt: "x y" } });
    const text = await (await fetch(json.urls.stream)).text();
    expect(text).toMatch(
      /event: error\nid: \d+:\d+\ndata: \{"detail":".+"\}\n\nevent: done\nid: \d+:\d+\ndata: \{"reason":"error"\}\n\n$/,
    );
    const { json: never } = await post("/models/a/text-never/predictions", { input: { prompt: "x" } });
    const events = fetch(never.urls.stream).then((reply) => reply.text());
    await post(`/predictions/${never.id}/cancel`, "");
    expect(await events).toMatch(/data: \{"reason":"canceled"\}\n\n$/);
  });

  test("can break off by a fault", async () => {
    emulator.faults.set([{ match: { route: "predictions.stream" }, do: { truncateReply: 20 } }]);
    const { json } = await post("/models/a/text/predictions", { input: { prompt: "x y" } });
    const reply = await fetch(json.urls.stream);
    await expect(reply.text()).rejects.toThrow();
  });
});

describe("webhooks", () => {
  test("are delivered again where nobody answered", async () => {
    const bodies: { status: string; output?: string[] }[] = [];
    const ids: unknown[] = [];
    const server = await listening(async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      ids.push(request.headers["webhook-id"]);
      if (ids.length === 1) return request.socket.destroy();
      if (ids.length === 2) response.statusCode = 503;
      if (ids.length === 2) return response.end();
      bodies.push(JSON.parse(body));
      response.end();
    });
    const input = { prompt: "a b c", emulate: { run: 1500 } };
    await post("/models/a/text/predictions", { input, webhook: server.url });
    await expect.poll(() => bodies.at(-1)?.status, { timeout: 10_000 }).toBe("succeeded");
    expect(bodies.length).toBeGreaterThanOrEqual(4);
    expect(bodies.length).toBeLessThan(8);
    // Three attempts at the first message, one at each other.
    expect(new Set(ids.slice(0, 3)).size).toBe(1);
    expect(new Set(ids).size).toBe(ids.length - 2);
    server.close();
  });
});

describe("requests that are wrong", () => {
  test.each([
    ["", "Failed to parse request body as JSON: EOF"],
    ['{"input": {', "Failed to parse request body as JSON"],
    ['{"input": {"a": "unfinish', "Failed to parse request body as JSON"],
    ["[]", "expected an object"],
    [JSON.stringify({ input: { text: "x".repeat(5_000_000) } }), "EOF"],
  ])("%.20s is a 400", async (body, detail) => {
    const { status, json, headers: replied } = await post("/models/a/b/predictions", body);
    expect([status, json.status]).toEqual([400, 400]);
    expect(json.detail).toContain(detail);
    expect(replied.get("content-type")).toBe("application/problem+json");
  });

  test.each([
    [{}, "input"],
    [{ input: {}, extra: 1 }, "extra"],
    [{ input: {}, version: "x" }, "version"],
    [{ input: {}, webhook: "nowhere" }, "webhook"],
    [{ input: {}, webhook_events_filter: ["never"] }, "webhook_events_filter"],
    [{ input: {}, stream: "yes" }, "stream"],
    [{ input: { emulate: { outcome: "odd" } } }, "input.emulate.outcome"],
    [{ input: { emulate: { start: 1e15 } } }, "input.emulate.start"],
    [{ input: JSON.parse(`${'{"a":'.repeat(600)}1${"}".repeat(600)}`) }, "input"],
  ])("%.60j is a 422 that names %s", async (body, field) => {
    const { status, json } = await post("/models/a/b/predictions", body);
    expect([status, json.title, json.invalid_fields[0].field]).toEqual([422, "Input validation failed", field]);
  });

  test("forms without content, or with metadata that is none", async () => {
    const send = async (fields: Record<string, string | Blob>) => {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.set(name, value);
      const { authorization } = headers;
      const reply = await fetch(`${emulator.urls.replicate}/files`, {
        method: "POST",
        body: form,
        headers: { authorization },
      });
      return { status: reply.status, json: await reply.json() };
    };
    const content = new File(["a"], "a");
    expect(await send({ metadata: "{}" })).toMatchObject({
      status: 400,
      json: { detail: expect.stringContaining("content") },
    });
    expect(await send({ content, metadata: "[]" })).toMatchObject({ status: 400 });
    expect(await send({ content, filename: "x".repeat(256) })).toMatchObject({ status: 400 });
    expect(await send({ content, filename: "b", type: "text/b", metadata: '{"a":1}' })).toMatchObject({
      status: 201,
      json: { name: "b", content_type: "text/b", metadata: { a: 1 } },
    });
  });

  test("unknown paths and methods have problem details", async () => {
    expect(await get("/nothing")).toMatchObject({ status: 404, json: { detail: expect.any(String), status: 404 } });
    const reply = await fetch(`${emulator.urls.replicate}/files`, { method: "PUT", headers });
    expect([reply.status, reply.headers.get("allow")]).toEqual([405, "POST, GET"]);
    expect(await get("/predictions?cursor=x")).toMatchObject({ status: 400 });
    expect(await get("/predictions?created_after=x")).toMatchObject({ status: 400 });
    const listed = await get(`/predictions?created_after=${new Date().toISOString()}&source=web`);
    expect(listed.json).toEqual({ next: null, previous: null, results: [] });
  });
});
