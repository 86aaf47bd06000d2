import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Replicate, { validateWebhook } from "replicate";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Emulator, startEmulator } from "../index.ts";

// The judge: the official SDK, unmodified. What it cannot do by its own faults stands at the end.
let emulator: Emulator;
let client: Replicate;

beforeEach(async () => {
  emulator = await startEmulator({ replicate: { start: 10, run: 30 } });
  client = new Replicate({ auth: "r8_planted-token", baseUrl: emulator.urls.replicate });
});

afterEach(() => emulator.close());

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex");
const VERSION = "5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa";

describe("files", () => {
  test("create, get, list and delete", async () => {
    const bytes = randomBytes(200_000);
    const file = await client.files.create(new File([bytes], 'ta"lk é.mp4', { type: "video/mp4" }), { take: 2 });
    expect(file).toMatchObject({
      name: "ta%22lk é.mp4",
      content_type: "video/mp4",
      size: bytes.length,
      etag: md5(bytes),
      checksums: { sha256: sha256(bytes), md5: md5(bytes) },
      metadata: { take: 2 },
    });
    expect(file.urls.get).toBe(`${emulator.urls.replicate}/files/${file.id}`);
    expect(Date.parse(file.expires_at ?? "") - Date.parse(file.created_at)).toBe(24 * 3_600_000);
    expect(await client.files.get(file.id)).toEqual(file);
    expect((await client.files.list()).results).toEqual([file]);
    expect(await client.files.delete(file.id)).toBe(true);
    await expect(client.files.get(file.id)).rejects.toThrow('404 Not Found: {"detail":"File not found","status":404}');
    expect(emulator.files.list()[0]).toMatchObject({ sha256: sha256(bytes), provider: "replicate" });
  });

  test("a buffer, and an empty file", async () => {
    const file = await client.files.create(Buffer.from("abc"));
    expect(file).toMatchObject({ size: 3, content_type: "application/octet-stream", metadata: {} });
    const empty = await client.files.create(new Blob([]));
    expect(empty).toMatchObject({ size: 0, etag: "d41d8cd98f00b204e9800998ecf8427e" });
  });

  test("above the limit is a 413", async () => {
    await using small = await startEmulator({ replicate: { maxFileSize: 1000 } });
    const other = new Replicate({ auth: "any", baseUrl: small.urls.replicate });
    await other.files.create(Buffer.alloc(1000));
    await expect(other.files.create(Buffer.alloc(1001))).rejects.toThrow("Files must be less than 100MB in size");
  });
});

describe("run", () => {
  test("uploads what is in the input, and gets its digests back", async () => {
    const bytes = randomBytes(100_000);
    const output = await client.run("owner/model", {
      input: { audio: new File([bytes], "talk.mp3", { type: "audio/mpeg" }), level: 3 },
    });
    const seen = {
      at: "/audio",
      via: "file",
      type: "audio/mpeg",
      size: 100_000,
      sha256: sha256(bytes),
      md5: md5(bytes),
    };
    expect(output).toEqual({ files: [seen] });
    const create = emulator.requests.find(({ route }) => route === "predictions.create");
    expect(create?.path).toBe("/replicate/v1/models/owner/model/predictions");
    expect(create?.headers["prefer"]).toBe("wait");
  });

  test("by version, by polling, with its progress", async () => {
    const seen: string[] = [];
    const output = await client.run(
      `owner/text:${VERSION}`,
      { input: { prompt: "One two\nthree" }, wait: { mode: "poll", interval: 5 } },
      ({ status }) => seen.push(status),
    );
    expect((output as string[]).join("")).toBe("One two\nthree");
    expect(seen[0]).toBe("starting");
    expect(seen).toContain("processing");
    expect(seen.at(-1)).toBe("succeeded");
  });

  test("images come as data URIs when it waited, and can be read", async () => {
    const [image] = (await client.run("owner/image", { input: { prompt: "a weir" } })) as { blob(): Promise<Blob> }[];
    const blob = await image?.blob();
    expect(blob?.type).toBe("image/png");
    expect(Buffer.from((await blob?.arrayBuffer()) ?? new ArrayBuffer(0)).toString("latin1", 1, 4)).toBe("PNG");
  });

  test("a failure has the model's own words", async () => {
    const failing = client.run("owner/fail", { input: { emulate: { error: "out of memory" } } });
    await expect(failing).rejects.toThrow("Prediction failed: out of memory");
  });

  test("an abort while polling cancels", async () => {
    const abort = new AbortController();
    const running = client.run(
      "owner/never",
      { input: {}, wait: { mode: "poll", interval: 5 }, signal: abort.signal },
      ({ status }) => status === "processing" && abort.abort(),
    );
    expect(await running).toBeNull();
    expect((await client.predictions.list()).results[0]?.status).toBe("canceled");
  });
});

describe("predictions", () => {
  test("what is created shows less than what is read", async () => {
    const created = await client.predictions.create({ version: VERSION, input: { prompt: "Hi" } });
    expect(created).toMatchObject({
      status: "starting",
      logs: "",
      error: null,
      version: VERSION,
      input: { prompt: "Hi" },
    });
    expect(created).not.toHaveProperty("output");
    expect(created).not.toHaveProperty("data_removed");
    expect(created.urls).not.toHaveProperty("web");
    expect(created.id).toMatch(/^[0-9a-z]{26}$/);
    const done = await client.wait(created, { interval: 5 });
    expect(done).toMatchObject({ status: "succeeded", output: ["Hi", ""], source: "api" });
    expect(done.metrics?.predict_time).toBeCloseTo(0.03);
  });

  test("by deployment; canceled", async () => {
    const created = await client.deployments.predictions.create("owner", "never", { input: {}, wait: false });
    expect(created).toMatchObject({ model: "owner/never", deployment: "owner/never" });
    expect(await client.predictions.cancel(created.id)).toMatchObject({ status: "canceled", output: null });
    expect(await client.predictions.get(created.id)).toMatchObject({ status: "canceled" });
  });

  test("lists by pages of a hundred", async () => {
    for (let index = 0; index < 101; index += 1) {
      await client.predictions.create({ model: "owner/digest", input: { index } });
    }
    const sizes: number[] = [];
    for await (const page of client.paginate(client.predictions.list)) sizes.push(page.length);
    expect(sizes).toEqual([100, 1]);
  });

  test("early and empty answers to a call that waits", async () => {
    const early = await client.predictions.create({ model: "owner/text-early", input: { prompt: "a b" }, wait: true });
    expect(early).toMatchObject({ status: "processing", output: ["a", " b", ""], data_removed: false });
    // In the words of the sheet, a run that blocks takes this for the end.
    expect(await client.run("owner/digest-empty", { input: {} })).toBeUndefined();
  });
});

describe("models", () => {
  test("say what they put out; the account who it is", async () => {
    const { owner, name, latest_version: latest } = await client.models.get("owner", "text");
    expect([owner, name]).toEqual(["owner", "text"]);
    const { openapi_schema: schema } = await client.models.versions.get("owner", "text", VERSION);
    expect(schema).toMatchObject({ components: { schemas: { Output: { "x-cog-array-type": "iterator" } } } });
    expect(await client.models.versions.list("owner", "text")).toMatchObject({ results: [{ id: latest?.id }] });
    await expect(client.models.get("owner", "missing")).rejects.toThrow("404");
    await expect(client.models.versions.get("owner", "text", "v1")).rejects.toThrow("404");
    expect((await client.accounts.current()).username).toBe("emulator");
  });
});

describe("streams", () => {
  test("each piece, spaces and line breaks kept, and done", async () => {
    const prompt = "Once  upon\n\na time,\n there was";
    const events: { event: string; data: string }[] = [];
    for await (const event of client.stream("owner/text", { input: { prompt } })) events.push(event);
    const texts = events.filter(({ event }) => event === "output").map(String);
    expect(texts.length).toBeGreaterThan(3);
    expect(texts.join("")).toBe(prompt);
    expect(events.at(-1)).toMatchObject({ event: "done", data: "{}" });
    expect(emulator.requests.at(-1)?.headers).not.toHaveProperty("authorization");
  });

  test("a failing model throws, one without a stream says so", async () => {
    const consume = async (model: `${string}/${string}`) => {
      for await (const _ of client.stream(model, { input: { prompt: "x", emulate: { error: "no GPU" } } }));
    };
    await expect(consume("owner/text-fail")).rejects.toThrow('{"detail":"no GPU"}');
    await expect(consume("owner/digest")).rejects.toThrow("Prediction does not support streaming");
  });
});

describe("webhooks", () => {
  test("are signed as the SDK validates", async () => {
    const { key } = await client.webhooks.default.secret.get();
    const valid: boolean[] = [];
    const states: string[] = [];
    const server = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      const headers = request.headers as Record<string, string>;
      valid.push(await validateWebhook({ ...request, headers, body } as never, key));
      states.push(JSON.parse(body).status);
      response.end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await client.predictions.create({
      model: "owner/text",
      input: { prompt: "a b c" },
      webhook: `http://127.0.0.1:${port}/hook`,
      webhook_events_filter: ["start", "completed"],
    });
    await expect.poll(() => states, { timeout: 10_000 }).toEqual(["processing", "succeeded"]);
    expect(valid).toEqual([true, true]);
    server.close();
    server.closeAllConnections();
  });
});

describe("failures", () => {
  test("no token, and a wrong one", async () => {
    await using strict = await startEmulator({ replicate: { apiToken: "r8_right" } });
    const none = new Replicate({ auth: "", baseUrl: strict.urls.replicate });
    await expect(none.files.list()).rejects.toThrow(
      '401 Unauthorized: {"title":"Unauthenticated","detail":"You did not pass an authentication token","status":401}',
    );
    const wrong = new Replicate({ auth: "r8_wrong", baseUrl: strict.urls.replicate });
    await expect(wrong.files.list()).rejects.toThrow("You did not pass a valid authentication token");
    expect(await new Replicate({ auth: "r8_right", baseUrl: strict.urls.replicate }).files.list()).toBeDefined();
  });

  test("what is not known, and what is not valid", async () => {
    await expect(client.predictions.get("nothing")).rejects.toThrow("404 Not Found");
    await expect(client.run("owner/missing", { input: {} })).rejects.toThrow("404 Not Found");
    await expect(client.predictions.create({ version: "v1", input: {} })).rejects.toThrow(
      "Invalid version or not permitted",
    );
    await expect(client.predictions.create({ model: "a/b", input: "x" as never })).rejects.toThrow(
      "422 Unprocessable Entity",
    );
  });

  test("a limit on its rate says so in the body", async () => {
    emulator.faults.set([{ match: { route: "predictions.create" }, do: { retryAfter: 5000 } }]);
    const throttled = client.predictions.create({ model: "owner/digest", input: {} });
    await expect(throttled).rejects.toThrow(
      '{"retry_after":5,"detail":"Request was throttled. Your rate limit resets in ~5s.","status":429}',
    );
  });
});

// The lines of the fact sheet that are the SDK's own faults. They are shown, not worked around.
describe("faults of the SDK", () => {
  test("told to send data URIs it sends itself, which is refused before it is stored", async () => {
    const leaking = new Replicate({
      auth: "r8_planted",
      baseUrl: emulator.urls.replicate,
      fileEncodingStrategy: "data-uri",
    });
    await expect(leaking.run("owner/digest", { input: { file: Buffer.from("a") } })).rejects.toThrow("input.auth");
    expect((await client.predictions.list()).results).toEqual([]);
  });

  test("it creates six predictions where six connections are reset", async () => {
    emulator.faults.set([{ match: { route: "predictions.create" }, do: { resetAfterWork: true } }]);
    await expect(client.predictions.create({ model: "owner/digest", input: {} })).rejects.toThrow();
    emulator.faults.clear();
    expect((await client.predictions.list()).results).toHaveLength(6);
  });

  test("it waits on after aborted", async () => {
    const created = await client.predictions.create({ model: "owner/aborted", input: {} });
    let polls = 0;
    const waiting = client.wait(created, { interval: 5 }, async ({ status }) => status === "aborted" && ++polls > 3);
    expect(await waiting).toMatchObject({ status: "aborted" });
    expect(polls).toBe(4);
  });
});
