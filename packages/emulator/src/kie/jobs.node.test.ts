import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Clock, createClock, type Emulator, type EmulatorOptions, startEmulator } from "../index.ts";

const headers = { authorization: "Bearer key", "content-type": "application/json" };
let clock: Clock;
let emulator: Emulator;

async function start(options: EmulatorOptions = {}): Promise<void> {
  await emulator?.close();
  clock = createClock(new Date("2026-01-01T00:00:00Z"));
  emulator = await startEmulator({ clock, ...options });
}

beforeEach(() => start());
afterEach(() => emulator.close());

async function call(method: string, path: string, body?: unknown) {
  const reply = await fetch(emulator.urls.kie + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: reply.status, json: await reply.json() };
}

const createTask = (body: unknown) => call("POST", "/api/v1/jobs/createTask", body);
const recordInfo = (id: string) => call("GET", `/api/v1/jobs/recordInfo?taskId=${encodeURIComponent(id)}`);
const newJob = async (model = "google/nano", input: object = {}): Promise<string> =>
  (await createTask({ model, input })).json.data.taskId;
/** The record when the model has looked at its files, which takes no time of the clock. */
async function ended(id: string) {
  clock.advance(1000);
  for (;;) {
    const { data } = (await recordInfo(id)).json;
    if (data.state !== "generating") return data;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("a job", () => {
  test("goes from no record through all states by the clock", async () => {
    const created = await createTask({
      model: "google/sora",
      input: { prompt: "a" },
      callBackUrl: "https://a.example/",
    });
    expect(created).toEqual({
      status: 200,
      json: { code: 200, msg: "success", data: { taskId: expect.stringMatching(/^[0-9a-f]{32}$/) } },
    });
    const { taskId } = created.json.data;
    expect(await recordInfo(taskId)).toEqual({
      status: 200,
      json: { code: 422, msg: "recordInfo is null", data: null },
    });
    const states: unknown[] = [];
    for (let step = 0; step < 5; step += 1) {
      clock.advance(50);
      const { data } = (await recordInfo(taskId)).json;
      states.push([data.state, data.progress, data.resultJson]);
    }
    expect(states).toEqual([
      ["waiting", 0, ""],
      ["queuing", 0, ""],
      ["generating", 0, ""],
      ["generating", 33, ""],
      ["generating", 66, ""],
    ]);
    const data = await ended(taskId);
    const createTime = Date.parse("2026-01-01T00:00:00Z");
    expect(data).toEqual({
      taskId,
      model: "google/sora",
      state: "success",
      param: '{"model":"google/sora","callBackUrl":"https://a.example/","input":{"prompt":"a"}}',
      resultJson: `{"resultUrls":["${emulator.urls.kie}/outputs/${taskId}/out-0.png"],"resultObject":{"files":[]}}`,
      failCode: null,
      failMsg: null,
      costTime: data.completeTime - createTime,
      completeTime: expect.any(Number),
      createTime,
      updateTime: data.completeTime,
      progress: 100,
    });
  });

  test("tells what it saw of its files: uploads, what is on this machine, and others by name", async () => {
    const upload = await call("POST", "/api/file-base64-upload", {
      base64Data: "data:image/png;base64,AAEC",
      uploadPath: "a",
    });
    const server = createServer((_, response) => response.setHeader("content-type", "audio/mpeg").end("abc"));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const local = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.mp3`;
    const image_urls = [upload.json.data.downloadUrl, local, "https://files.example/b.png"];
    const data = await ended(await newJob("digest", { image_urls, prompt: "/etc/passwd" }));
    const digests = (bytes: string | Uint8Array) => ({
      sha256: createHash("sha256").update(bytes).digest("hex"),
      md5: createHash("md5").update(bytes).digest("hex"),
    });
    expect(JSON.parse(data.resultJson).resultObject.files).toEqual([
      { at: "/image_urls/0", via: "file", type: "image/png", size: 3, ...digests(Uint8Array.of(0, 1, 2)) },
      { at: "/image_urls/1", via: "url", type: "audio/mpeg", size: 3, ...digests("abc") },
      { at: "/image_urls/2", via: "url", type: null, size: null, sha256: null, md5: null },
    ]);
    server.close();
    server.closeAllConnections();
  });

  test("fails as it is told to, or for a file that is gone", async () => {
    expect(await ended(await newJob("google/image-fail"))).toMatchObject({
      state: "fail",
      resultJson: "",
      failCode: "500",
      failMsg: "The model failed, as it was told to",
    });
    const gone = `${emulator.urls.kie}/kieai/100001/a/none.png`;
    expect((await ended(await newJob("digest", { image: gone }))).failMsg).toContain("was not found");
  });

  test("never ends where it is told so", async () => {
    const id = await newJob("google/never");
    clock.advance(10 ** 9);
    expect((await recordInfo(id)).json.data).toMatchObject({ state: "generating", completeTime: null });
  });

  test("has outputs that can be downloaded without a key, in ranges, for 14 days", async () => {
    const id = await newJob("file", { emulate: { size: 100_000, count: 2, urlsIn: "result_urls" } });
    const { result_urls: urls } = JSON.parse((await ended(id)).resultJson);
    expect(urls).toHaveLength(2);
    const all = Buffer.from(await (await fetch(urls[1])).arrayBuffer());
    expect([all.length, all.readBigUInt64BE(80_000)]).toEqual([100_000, 80_000n]);
    const part = await fetch(urls[0], { headers: { range: "bytes=70003-" } });
    expect(Buffer.from(await part.arrayBuffer()).equals(all.subarray(70_003))).toBe(true);
    expect((await fetch(urls[0].replace("out-0", "out-2"))).status).toBe(404);
    clock.advance(14 * 86_400_000);
    expect((await fetch(urls[0])).status).toBe(404);
  });
});

describe("what is wrong comes in HTTP 200:", () => {
  test.each([
    [{ input: {} }, 422, "The model field is required"],
    [{ model: "a" }, 422, "The input field is required"],
    [{ model: "a", input: [] }, 422, "must be an object"],
    [{ model: "a", input: {}, callBackUrl: "no" }, 422, "callBackUrl"],
    [{ model: "a", input: { emulate: { outcome: "odd" } } }, 422, "input.emulate.outcome must be one of"],
    [{ model: "a", input: { emulate: { odd: 1 } } }, 422, 'has no "odd"'],
    ["text", 400, "JSON"],
  ])("%o", async (body, code, msg) => {
    expect(await createTask(body)).toEqual({
      status: 200,
      json: { code, msg: expect.stringContaining(msg), data: null },
    });
  });

  test("ids, keys, credits and rates", async () => {
    expect((await recordInfo("nothing")).json).toEqual({ code: 404, msg: "Task not found", data: null });
    expect((await recordInfo("")).json).toMatchObject({ code: 400, msg: "taskId parameter is required" });
    await start({ kie: { credits: 3, rateLimit: 2, apiKey: "key" } });
    await newJob();
    await newJob();
    expect((await createTask({ model: "a", input: {} })).json.code).toBe(429);
    clock.advance(10_000);
    await newJob();
    expect((await createTask({ model: "a", input: {} })).json).toMatchObject({ code: 402 });
    expect((await call("GET", "/api/v1/chat/credit")).json).toEqual({ code: 200, msg: "success", data: 0 });
    await start({ kie: { apiKey: "other" } });
    expect(await recordInfo("a")).toEqual({
      status: 200,
      json: { code: 401, msg: "You do not have access permissions", data: null },
    });
    await start({ kie: { softErrors: false } });
    expect((await recordInfo("a")).status).toBe(404);
  });
});

describe("a temporary link", () => {
  test("is good for 20 minutes, and for what is ours alone", async () => {
    const id = await newJob("image");
    const [url] = JSON.parse((await ended(id)).resultJson).resultUrls;
    const { data } = (await call("POST", "/api/v1/common/download-url", { url })).json;
    expect((await fetch(data)).headers.get("content-type")).toBe("image/png");
    clock.advance(20 * 60_000);
    expect((await fetch(data)).status).toBe(404);
    for (const other of ["https://files.example/a", 7, `${emulator.urls.kie}/outputs/${id}/none.png`]) {
      expect((await call("POST", "/api/v1/common/download-url", { url: other })).json.code).toBe(422);
    }
  });
});

describe("a callback", () => {
  test("comes once, signed by id and time, and again where nobody takes it", async () => {
    await start({ clock: createClock(), kie: { webhookKey: "whk", early: 5, wait: 5, queue: 5, run: 5 } });
    const arrived = Promise.withResolvers<{ headers: Record<string, unknown>; body: string }>();
    let calls = 0;
    const server = createServer(async (request, response) => {
      calls += 1;
      const body = Buffer.concat(await request.toArray()).toString();
      response.writeHead(calls === 1 ? 503 : 200).end();
      if (calls === 2) arrived.resolve({ headers: request.headers, body });
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const callBackUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    const { taskId } = (await createTask({ model: "image", input: {}, callBackUrl })).json.data;
    const { headers: given, body } = await arrived.promise;
    const { data } = JSON.parse(body);
    expect(data).toMatchObject({ taskId, state: "success" });
    const time = String(given["x-webhook-timestamp"]);
    expect(Math.abs(Number(time) * 1000 - Date.now())).toBeLessThan(10_000);
    const signature = createHmac("sha256", "whk").update(`${taskId}.${time}`).digest("base64");
    expect(given["x-webhook-signature"]).toBe(signature);
    expect(given["authorization"]).toBeUndefined();
    server.close();
    server.closeAllConnections();
  });
});
