import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Emulator, startEmulator } from "@sluice/emulator";
import { HttpError } from "@sluice/http";
import { poll, waitFor } from "@sluice/poller";
import { bytesSource, streamSource } from "@sluice/source";
import { file } from "@sluice/source/node";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type OneAi, oneai, type PipelineInput, type RunEvent, type RunOptions } from "./index.ts";

let emulator: Emulator;
let client: OneAi;
beforeAll(async () => {
  emulator = await startEmulator({ oneai: { start: 5, run: 10 } });
  client = oneai({ apiKey: "a-key-of-tests", baseUrl: emulator.urls.oneai, retry: { base: 2 } });
});
afterEach(() => {
  emulator.faults.clear();
  emulator.requests.length = 0;
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await emulator.close();
});

const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");
const quick = { interval: 1, maxInterval: 5 };
const bytesOf = (size: number) => Uint8Array.from({ length: size }, (_, index) => index ^ (index >>> 8));
const routes = () => [...new Set(emulator.requests.map(({ route }) => route))];

/** Runs a pipeline, and tells how it went there and what the far side saw. */
async function seen(input: PipelineInput, options: RunOptions = {}) {
  emulator.requests.length = 0;
  const events: RunEvent[] = [];
  const result = await client.run("summarize", input, { ...quick, onEvent: (event) => events.push(event), ...options });
  const [way] = events;
  return { ...(way?.type === "way" && way), routes: routes(), saw: JSON.parse(result.output[0]?.text ?? "{}"), result };
}

describe("run goes", () => {
  test("at once for texts and conversations, and by a task where that is asked for", async () => {
    const conversation = [{ speaker: "A", utterance: "Open?" }];
    expect(await seen("Water")).toMatchObject({
      mode: "sync",
      method: "text",
      routes: ["pipeline.run"],
      saw: { sha256: sha256("Water"), size: 5 },
    });
    expect(await seen(conversation)).toMatchObject({
      method: "conversation",
      routes: ["pipeline.run"],
      saw: { sha256: sha256(JSON.stringify(conversation)) },
    });
    const tasks = ["pipeline.start", "tasks.get"];
    expect(await seen("Water", { mode: "async" })).toMatchObject({ mode: "async", routes: tasks });
    expect((await seen(conversation, { mode: "async" })).routes).toEqual(tasks);
  });

  test("by a task for voice, video, PDF and tables, however small", async () => {
    const bytes = bytesOf(1000);
    for (const name of ["a.mp3", "a.mp4", "a.wav", "a.pdf", "a.csv"]) {
      const { routes, result, method } = await seen(bytesSource(bytes, { name }));
      expect([name, method, routes]).toEqual([name, "upload", ["pipeline.upload", "tasks.get"]]);
      expect(JSON.stringify(result.raw)).toContain(sha256(bytes));
    }
  });

  test("inside of JSON for other files up to the limit, and as they are above it", async () => {
    for (const size of [0, 1, 2].map((more) => 999_999 + more)) {
      const bytes = bytesOf(size);
      const expected = size > 1_000_000 ? ["upload", "pipeline.upload"] : ["base64", "pipeline.run"];
      const { method, routes, saw } = await seen(bytesSource(bytes, { name: "a.txt" }));
      expect([method, routes[0], saw.sha256, saw.size]).toEqual([...expected, sha256(bytes), size]);
    }
    expect((await seen(new Blob(["abc"], { type: "text/plain" }), { base64Limit: 2 })).method).toBe("upload");
  });

  test("as it is asked to, both ways and all ways", async () => {
    const bytes = bytesOf(1_200_000);
    const voice = () => bytesSource(bytes, { name: "a.wav" });
    for (const [options, route] of [
      [{ mode: "sync" }, "pipeline.run"],
      [{ mode: "async" }, "pipeline.upload"],
      [{ method: "base64" }, "pipeline.run"],
      [{ method: "base64", mode: "async" }, "pipeline.start"],
      [{ method: "upload", mode: "sync" }, "pipeline.file"],
      [{ method: "upload" }, "pipeline.upload"],
    ] as const) {
      const { routes, saw } = await seen(voice(), options);
      expect([options, routes[0], saw.sha256]).toEqual([options, route, sha256(bytes)]);
    }
  });

  test("in chunks for a stream of unknown size, with a length for one that tells it", async () => {
    const bytes = bytesOf(300_000);
    const chunks = [bytes.subarray(0, 100_000), bytes.subarray(100_000)];
    const unknown = await seen(new Blob([bytes]).stream(), { contentType: "text/plain" });
    expect(unknown).toMatchObject({
      method: "upload",
      reason: "its size is not known",
      saw: { sha256: sha256(bytes) },
    });
    expect(emulator.requests[0]?.headers["transfer-encoding"]).toBe("chunked");
    const known = await seen(streamSource(chunks, { name: "a.wav", size: 300_000 }));
    expect(known.saw.sha256).toBe(sha256(bytes));
    expect(emulator.requests[0]?.headers["content-length"]).toBe("300000");
    const inJson = await seen(streamSource(chunks, { name: "a.wav" }), { mode: "sync" });
    expect(inJson.saw.sha256).toBe(sha256(bytes));
  });

  test("with a type outside of the table when it is told one, and not otherwise", async () => {
    const photo = () => bytesSource(bytesOf(10), { name: "photo.jpg", type: "image/jpeg" });
    expect(await seen(photo(), { contentType: "image/jpeg" })).toMatchObject({ saw: { type: "image/jpeg", size: 10 } });
    await expect(client.run("summarize", photo())).rejects.toThrow(
      'Cannot run a pipeline: "photo.jpg" is image/jpeg, for which OneAI documents no content type. Say what it is with "contentType".',
    );
    await expect(client.run("summarize", bytesOf(10))).rejects.toThrow(TypeError);
    expect(emulator.requests).toHaveLength(1);
  });

  test("without a byte through here for a URL", async () => {
    const server = createServer((_request, response) => response.end("RIFF")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const url = new URL(`http://127.0.0.1:${port}/a.wav?token=some-token`);
    expect(await seen(url)).toMatchObject({ mode: "async", method: "url", saw: { sha256: sha256("RIFF"), size: 4 } });
    expect(emulator.requests[0]?.bytesReceived).toBeLessThan(300);
    expect(await seen(url, { mode: "sync" })).toMatchObject({
      routes: ["pipeline.run"],
      saw: { sha256: sha256("RIFF") },
    });
    expect(await seen(url, { accept: ["image/*"], maxBytes: 4 }).catch(String)).toMatch("NotAcceptedError");
    expect(await seen(url, { maxBytes: 3 }).catch(String)).toMatch("it is 4 bytes");
    expect(await seen(url, { method: "upload" })).toMatchObject({ method: "upload", saw: { sha256: sha256("RIFF") } });
    const secret = new URL(url);
    secret.username = "somebody";
    secret.password = "planted-password";
    const through = await seen(secret);
    expect(through).toMatchObject({ method: "upload", saw: { sha256: sha256("RIFF") } });
    expect(through.reason).toContain("the URL holds a name or a password, which stay here");
    server.close();
    server.closeAllConnections();
  });
});

describe("run", () => {
  test("gives a result of a task with its times and its id, and tells of the task as it begins", async () => {
    const ids: string[] = [];
    const onStarted = ({ id }: { id: string }) => ids.push(id);
    const { result } = await seen(bytesSource(bytesOf(10), { name: "a.wav" }), { onStarted });
    expect(ids).toEqual([result.taskId]);
    expect(result.completedAt?.getTime()).toBe((result.createdAt?.getTime() ?? 0) + 15);
    expect(Math.abs(Date.now() - (result.createdAt?.getTime() ?? 0))).toBeLessThan(60_000);
    expect(result.stats).toEqual({ concurrency_wait_time: 0, total_running_jobs: 1, total_waiting_jobs: 0 });
    expect(result.usage).toEqual({ words: 1, transcribed: 0 });
    expect(result.raw).toMatchObject({ status: "success" });
    expect(result.requestId).toBe(emulator.requests.at(-1)?.id);
  });

  test("reads the service's times as UTC, wherever it is run", async () => {
    const { TZ } = process.env;
    process.env["TZ"] = "Asia/Kolkata";
    try {
      expect(new Date(2026, 0, 1).getTimezoneOffset()).toBe(-330);
      const { createdAt } = await client.run("keywords", "Water", { ...quick, mode: "async" });
      expect(Math.abs(Date.now() - (createdAt?.getTime() ?? 0))).toBeLessThan(60_000);
    } finally {
      if (TZ === undefined) delete process.env["TZ"];
      else process.env["TZ"] = TZ;
    }
  });

  test("reads the documented form and the SDK's alike", async () => {
    const outputs: unknown[] = [];
    for (const schema of ["documented", "sdk", "both"]) {
      const steps = [{ skill: "summarize", params: { emulate: { schema } } }, "keywords"];
      for (const mode of ["sync", "async"] as const) {
        const { inputText, input, output } = await client.run(steps, "Water", { mode, ...quick });
        outputs.push({ inputText, input, output });
      }
    }
    expect(outputs[0]).toMatchObject({ inputText: "Water", input: [{ utterance: "Water" }] });
    for (const output of outputs) expect(output).toEqual(outputs[0]);
  });

  test("tells how far it is, in the one shape that there is", async () => {
    for (const options of [{}, { mode: "sync" }] as const) {
      const seenProgress: { read: number; sent: number }[] = [];
      const onProgress = (progress: { read: number; sent: number }) => seenProgress.push(progress);
      await seen(bytesSource(bytesOf(900_001), { name: "a.wav" }), { ...options, onProgress });
      const whole = {
        read: 900_001,
        sent: 900_001,
        acknowledged: 900_001,
        total: 900_001,
        parts: { done: 1, total: 1 },
      };
      expect(seenProgress.at(-1)).toMatchObject(whole);
      for (const { read, sent } of seenProgress) expect(sent).toBeLessThanOrEqual(read);
    }
  });

  test("checks what may be sent before the first byte", async () => {
    const unread = Object.assign(bytesSource(bytesOf(10), { name: "a.wav", type: "audio/wav" }), {
      stream: () => expect.unreachable("it was read"),
      read: () => expect.unreachable("it was read"),
    });
    await expect(client.run("a", unread, { accept: ["image/*"] })).rejects.toMatchObject({ code: "not-accepted" });
    await expect(client.run("a", unread, { maxBytes: 9 })).rejects.toMatchObject({
      code: "too-large",
      size: 10,
      limit: 9,
    });
    const stream = streamSource([bytesOf(5), bytesOf(5)], { name: "a.wav" });
    await expect(client.run("a", stream, { maxBytes: 9 })).rejects.toMatchObject({ code: "too-large" });
    expect(emulator.requests.filter(({ status }) => status === 200)).toEqual([]);
  });

  test("takes every string for a text, whatever file it may name", async () => {
    for (const path of ["/etc/passwd", "package.json", import.meta.filename, new URL(import.meta.url).href]) {
      expect((await seen(path)).saw.sha256).toBe(sha256(path));
      expect((await seen([{ speaker: path, utterance: path }])).saw.size).toBeLessThan(2 * path.length + 50);
    }
    await expect(client.send("/etc/passwd" as never)).rejects.toThrow("Cannot send a string to OneAI");
  });

  test.each([
    [[], "Water", {}, RangeError, '"steps" must not be empty'],
    [[""], "Water", {}, TypeError, '"steps[0]" must be a skill\'s name or { skill, params }, received an empty string'],
    [[{ skill: "a", params: [] }], "Water", {}, TypeError, '"steps[0].params" must be an object, received an array'],
    [7, "Water", {}, TypeError, '"steps" must be a skill\'s name'],
    ["a", 7, {}, TypeError, "the input must be a text, a list of utterances, a URL"],
    ["a", [{ speaker: "A" }], {}, TypeError, '"input[0].utterance" must be a string, received undefined'],
    ["a", "Water", { mode: "soon" }, RangeError, '"mode" must be "sync" or "async", received soon'],
    ["a", "Water", { base64Limit: -1 }, RangeError, '"base64Limit" must be 0 or more, received -1'],
    ["a", "Water", { maxBytes: "1" }, TypeError, '"maxBytes" must be a number, received string'],
    ["a", "Water", { deadline: Number.NaN }, RangeError, '"deadline" must be 0 or more, received NaN'],
    ["a", "Water", { method: "upload" }, TypeError, '"method" is for files and URLs'],
    ["a", new Blob(["a"]), { method: "url" }, TypeError, '"method" can only be "url" for a URL object'],
    [
      "a",
      new Blob(["a"]),
      { method: "mail" },
      RangeError,
      '"method" must be "url" or "base64" or "upload", received mail',
    ],
  ])("refuses %j on %j with %j", async (steps, input, options, Kind, message) => {
    const running = client.run(steps as never, input as never, options as never);
    await expect(running).rejects.toThrow(Kind);
    await expect(running).rejects.toThrow(message);
    expect(emulator.requests).toEqual([]);
  });

  test("ends with the signal's own reason, while it sends and while it waits", async () => {
    const reason = new Error("enough");
    const before = client.run("a", "Water", { signal: AbortSignal.abort(reason) });
    await expect(before).rejects.toBe(reason);
    expect(emulator.requests).toEqual([]);
    for (const route of ["pipeline.upload", "tasks.get", "pipeline.run"]) {
      emulator.faults.set([{ match: { route }, do: { delay: 60_000 } }]);
      const abort = new AbortController();
      const input = route === "pipeline.run" ? "Water" : bytesSource(bytesOf(1000), { name: "a.wav" });
      const running = client.run("a", input, { ...quick, signal: abort.signal });
      const caught = running.catch((error: unknown) => error);
      const arrived = () => emulator.requests.some((request) => request.route === route);
      await expect.poll(arrived, { timeout: 10_000 }).toBe(true);
      abort.abort(reason);
      expect(await caught).toBe(reason);
    }
  });

  test("gives up at its deadline, whatever it is doing", async () => {
    const never = { skill: "a", params: { emulate: { never: true } } };
    for (const options of [{}, { mode: "async" }] as const) {
      const running = client.run(never, "Water", { ...quick, ...options, deadline: 100 });
      await expect(running).rejects.toMatchObject({ code: "deadline", deadline: expect.any(Number) });
    }
  });
});

describe("nothing runs twice:", () => {
  const voice = () => bytesSource(bytesOf(200_000), { name: "a.wav" });
  const sent = (route: string) => emulator.requests.filter((request) => request.route === route).length;

  test.each([
    ["pipeline.upload", voice],
    ["pipeline.run", () => "Water"],
  ])("%s is not sent again after an unclear failure", async (route, input) => {
    for (const action of [
      { resetAfterWork: true },
      { resetAfterBytes: 10 },
      { status: 500 },
      { status: 502, body: "<html>Bad gateway</html>" },
      { malformedReply: true },
    ]) {
      emulator.requests.length = 0;
      emulator.faults.set([{ match: { route }, do: action }]);
      const error = await client.run("a", input(), quick).catch((thrown: unknown) => thrown);
      expect([action, error instanceof HttpError, sent(route)]).toEqual([action, true, 1]);
    }
  });

  test("but what was refused for now is sent again", async () => {
    const busy = { match: { nth: [1, 2] }, do: { status: 429 } };
    emulator.faults.set([busy]);
    await client.run("a", voice(), quick);
    expect(sent("pipeline.upload")).toBe(3);
    emulator.requests.length = 0;
    emulator.faults.set([{ match: { nth: 1 }, do: { status: 503 } }, busy]);
    await client.run("a", "Water");
    expect(sent("pipeline.run")).toBe(3);
  });

  test("and no stream is", async () => {
    emulator.faults.set([{ match: { nth: 1 }, do: { status: 429 } }]);
    const stream = new Blob([bytesOf(1000)]).stream();
    await expect(client.run("a", stream, { contentType: "audio/wav" })).rejects.toMatchObject({ status: 429 });
    expect(sent("pipeline.upload")).toBe(1);
  });

  test("looking at a task is tried again", async () => {
    emulator.faults.set([{ match: { route: "tasks.get", nth: [1, 2] }, do: { status: 503 } }]);
    const retries: unknown[] = [];
    const onEvent = ({ type }: RunEvent) => type === "retry" && retries.push(type);
    await client.run("a", voice(), { ...quick, onEvent, retry: { base: 2 } });
    expect(retries).toHaveLength(2);
  });
});

describe("start and task", () => {
  test("are plain JSON and an id, to be taken up by anybody", async () => {
    await using source = file(import.meta.filename);
    const started = await client.start(["summarize"], source, { contentType: "text/plain" });
    expect(JSON.parse(JSON.stringify(started))).toEqual(started);
    expect(started).toMatchObject({ status: "QUEUED", method: "upload", size: source.size });
    await using other = oneai({ apiKey: async () => "another-key", baseUrl: emulator.urls.oneai });
    const snapshots = await Array.fromAsync(poll(other.task(started.id), { interval: 2 }));
    expect(snapshots.at(-1)?.state).toBe("succeeded");
    const { output } = await waitFor(other.task(started));
    expect(JSON.parse(output[0]?.text ?? "")).toMatchObject({ size: source.size });
    expect(emulator.files.get(started.id)?.size).toBe(source.size);
  });

  test("a status that is not known is taken for running, and not for ever", async () => {
    const steps = { skill: "a", params: { emulate: { status: "CANCELLED", start: 0, run: 0 } } };
    const { id } = await client.start(steps, "Water");
    const running = waitFor(client.task(id), { interval: 1, maxInterval: 2, deadline: 100 });
    await expect(running).rejects.toMatchObject({ code: "deadline" });
  });
});

describe("oneai", () => {
  test("needs a key, and a place where it may go", () => {
    expect(() => oneai()).toThrow(
      '"apiKey" must be a key or a function that gives one, received none. Set ONEAI_API_KEY',
    );
    expect(() => oneai({ apiKey: "k", baseUrl: "http://api.example" })).toThrow(RangeError);
    expect(() => oneai({ apiKey: "k", base64Limit: "1" as never })).toThrow('"base64Limit" must be a number');
  });

  test("takes both from the environment", async () => {
    process.env["ONEAI_API_KEY"] = "key-of-the-environment";
    process.env["ONEAI_BASE_URL"] = emulator.urls.oneai;
    try {
      await using own = oneai();
      expect((await own.run("keywords", "Water")).output).toHaveLength(1);
    } finally {
      delete process.env["ONEAI_API_KEY"];
      delete process.env["ONEAI_BASE_URL"];
    }
  });

  test("asks for a key before each request", async () => {
    await using strict = await startEmulator({ oneai: { apiKey: "key-2" } });
    let serial = 0;
    const apiKey = async () => `key-${++serial}`;
    await using own = oneai({ apiKey, baseUrl: strict.urls.oneai });
    await expect(own.run("a", "Water")).rejects.toMatchObject({ status: 401, providerCode: 60002 });
    expect((await own.run("a", "Water")).output).toHaveLength(1);
  });
});
