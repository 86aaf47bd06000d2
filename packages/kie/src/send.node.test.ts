import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createClock, type Emulator, type EmulatorOptions, startEmulator } from "@sluice/emulator";
import { bytesSource, streamSource } from "@sluice/source";
import { file } from "@sluice/source/node";
import type { Progress } from "@sluice/uploader";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Kie, type KieOptions, kie } from "./index.ts";

let emulator: Emulator;
let client: Kie;
let server: Server | undefined;
const realFetch = globalThis.fetch;

const clientOf = (options: KieOptions = {}, base = emulator.urls.kie) =>
  kie({ apiKey: "kie-test-key", baseUrl: base, retry: { base: 2 }, ...options });

beforeAll(async () => {
  emulator = await startEmulator();
});
beforeEach(() => {
  emulator.faults.clear();
  emulator.requests.length = 0;
  client = clientOf();
});
afterEach(async () => {
  globalThis.fetch = realFetch;
  await client[Symbol.asyncDispose]();
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});
afterAll(() => emulator.close());

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const stored = (path = "") => emulator.files.get(path);

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Has a public name lead to a server of this machine, as a name server would; all else is as far away as it is. */
function resolve(host: string, origin: string): void {
  globalThis.fetch = (given, init) => {
    const url = new URL(String(given));
    return realFetch(url.hostname === host ? origin + url.pathname + url.search : url, init);
  };
}

/** The upload of a URL that the emulator cannot have: what the service says to it. */
function acceptUrls(fileSize: number): void {
  const data = { downloadUrl: "https://tempfile.example/kieai/1/uploads/a.png", fileSize };
  const body = { success: true, code: 200, msg: "File uploaded successfully", data };
  emulator.faults.set([{ match: { route: "uploads.url" }, do: { status: 200, body } }]);
}

describe("send picks", () => {
  test("base64 up to 1 MB, a stream from there on", async () => {
    const small = await client.send(bytesSource(randomBytes(1_000_000), { name: "a.png", type: "image/png" }));
    expect(small).toMatchObject({ method: "base64", size: 1_000_000, reason: expect.stringContaining("base64Limit") });
    const bytes = randomBytes(1_000_001);
    const large = await client.send(bytesSource(bytes, { name: "talk.mp4", type: "video/mp4" }));
    expect(large).toMatchObject({ method: "stream", size: 1_000_001, reason: expect.stringContaining("more than") });
    expect(stored(large.raw?.filePath)).toMatchObject({ type: "video/mp4", sha256: sha256(bytes) });
    expect(emulator.requests.map(({ route }) => route)).toEqual(["uploads.base64", "uploads.stream"]);
    expect(Number(emulator.requests[1]?.headers["content-length"])).toBeGreaterThan(1_000_001);
  });

  test("by base64Limit, of the call or of the client", async () => {
    const bytes = bytesSource(new Uint8Array(1000));
    expect((await client.send(bytes, { base64Limit: 999 })).method).toBe("stream");
    await using never = clientOf({ base64Limit: 0 });
    expect((await never.send(bytes)).method).toBe("stream");
    expect((await never.send(bytesSource(new Uint8Array(0)))).size).toBe(0);
  });

  test("a stream for what has no known size, of any length", async () => {
    async function* chunks() {
      for (let index = 0; index < 30; index += 1) yield new Uint8Array(65_536).fill(index);
    }
    const sent = await client.send(chunks());
    expect(sent).toMatchObject({ method: "stream", size: 30 * 65_536, reason: "its size is not known" });
    const known = await client.send(streamSource(chunks(), { size: 30 * 65_536, name: "a.bin" }));
    expect(stored(known.raw?.filePath)?.sha256).toBe(stored(sent.raw?.filePath)?.sha256);
    expect(emulator.requests[0]?.headers["transfer-encoding"]).toBe("chunked");
    expect(emulator.requests[1]?.headers["content-length"]).toBeDefined();
  });

  test("what method says", async () => {
    const bytes = randomBytes(1_500_000);
    const forced = await client.send(bytesSource(bytes, { type: "audio/mpeg" }), { method: "base64" });
    expect(forced).toMatchObject({ method: "base64", reason: '"method" asks for it', size: bytes.length });
    expect(stored(forced.raw?.filePath)).toMatchObject({ sha256: sha256(bytes), type: "audio/mpeg" });
    expect((await client.send(new Blob(["a"]), { method: "stream" })).method).toBe("stream");
    await expect(client.send(new Blob(["a"]), { method: "url" })).rejects.toThrow(TypeError);
    await expect(client.send(new Blob(["a"]), { method: "parts" as never })).rejects.toThrow(RangeError);
  });
});

describe("a URL", () => {
  test("goes as it is where anyone can have it, and no byte of it passes through", async () => {
    const asked: string[] = [];
    const origin = await serve((request, response) => {
      asked.push(`${request.headers.range}`);
      response
        .writeHead(206, { "content-range": "bytes 0-0/5000000", etag: '"a"', "content-type": "image/png" })
        .end("a");
    });
    resolve("files.example", origin);
    acceptUrls(5_000_000);
    const sent = await client.send(new URL("https://files.example/a.png?signature=0123456789"));
    expect(sent).toMatchObject({
      method: "url",
      value: "https://tempfile.example/kieai/1/uploads/a.png",
      size: 5_000_000,
      reason: "kie.ai fetches the URL itself; no byte passes through here",
    });
    expect(asked).toEqual(["bytes=0-0"]);
    expect(emulator.requests.map(({ route }) => route)).toEqual(["uploads.url"]);
  });

  test("is left to kie.ai where it cannot be reached from here, but not where its server says no", async () => {
    acceptUrls(3);
    globalThis.fetch = async () => Promise.reject(new TypeError("fetch failed"));
    const sent = await client.send(new URL("https://files.example/a.png"));
    expect(sent).toMatchObject({ method: "url", reason: expect.stringContaining("could not be looked at from here") });
    await expect(client.send(new URL("https://files.example/a.png"), { maxBytes: 5 })).rejects.toThrow(/Cannot read/);
    globalThis.fetch = async () => new Response(null, { status: 403 });
    await expect(client.send(new URL("https://files.example/a.png"))).rejects.toMatchObject({ status: 403 });
    expect((await client.send(new URL("https://files.example/a.png"), { method: "url" })).method).toBe("url");
  });

  test("is streamed through here where it is larger than 100 MB, or nobody knows how large", async () => {
    const bytes = randomBytes(50_000);
    let size: number | undefined;
    const origin = await serve((request, response) => {
      // The size is a lie, so that the test need not send so much: what is refused by it is seen by the way it goes.
      if (request.headers.range === "bytes=0-0" && size !== undefined) {
        response.writeHead(206, { "content-range": `bytes 0-0/${size}`, etag: '"a"' }).end("a");
      } else response.writeHead(200, { "content-type": "image/png" }).end(bytes);
    });
    resolve("files.example", origin);
    const url = new URL("https://files.example/a.png");
    const unknown = await client.send(url);
    expect(unknown).toMatchObject({ method: "stream", size: 50_000, reason: expect.stringContaining("is not known") });
    expect(stored(unknown.raw?.filePath)).toMatchObject({ sha256: sha256(bytes), type: "image/png" });
    acceptUrls(100_000_000);
    size = 100_000_000;
    expect((await client.send(url)).method).toBe("url");
    size = 100_000_001;
    const large = client.send(url, { maxBytes: 100_000_000 });
    await expect(large).rejects.toMatchObject({ code: "too-large", size, limit: 100_000_000 });
    emulator.requests.length = 0;
    // Its bytes are asked for, and are not those of the size that was told.
    await expect(client.send(url, { retry: false })).rejects.toMatchObject({ name: "SourceChangedError" });
    expect(emulator.requests.filter(({ route }) => route === "uploads.url")).toEqual([]);
  });

  test("is streamed through here where it is of this machine, or needs credentials, which stay here", async () => {
    const bytes = randomBytes(2_000);
    const seen: unknown[] = [];
    const origin = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.setHeader("content-type", "audio/mpeg").end(bytes);
    });
    const local = await client.send(new URL(`${origin}/a.mp3`));
    expect(local).toMatchObject({ method: "stream", size: 2_000, reason: expect.stringContaining("loopback") });
    expect(stored(local.raw?.filePath)).toMatchObject({ sha256: sha256(bytes), type: "audio/mpeg" });
    const secret = await client.send(new URL(`${origin.replace("//", "//me:planted-pass@")}/a.mp3`));
    expect(secret).toMatchObject({ method: "stream", reason: expect.stringContaining("credentials") });
    expect(JSON.stringify(secret)).not.toContain("planted-pass");
    expect(seen).toEqual([undefined, `Basic ${btoa("me:planted-pass")}`]);
    expect(emulator.requests.map(({ route }) => route)).toEqual(["uploads.stream", "uploads.stream"]);
  });

  test("is not looked at when it is asked for, and kie.ai fetches it", async () => {
    const bytes = randomBytes(3_000);
    let asked = 0;
    const origin = await serve((_request, response) => {
      asked += 1;
      response.setHeader("content-type", "image/png").end(bytes);
    });
    const sent = await client.send(new URL(`${origin}/image#part`), { method: "url", uploadPath: "/a/b/" });
    expect(sent).toMatchObject({ method: "url", size: 3_000, reason: '"method" asks for it' });
    // Its type is known to the service alone, which then makes the name.
    expect(sent.raw?.filePath).toMatch(/^a\/b\/\d+-[0-9a-z]{10}\.png$/);
    expect([asked, stored(sent.raw?.filePath)?.sha256]).toEqual([1, sha256(bytes)]);
  });

  test("is looked at for accept and maxBytes", async () => {
    const origin = await serve((_, response) => response.setHeader("content-type", "audio/mpeg").end("abc"));
    const url = new URL(`${origin}/a.mp3`);
    await expect(client.send(url, { method: "url", accept: ["image/*"] })).rejects.toMatchObject({
      code: "not-accepted",
    });
    await expect(client.send(url, { method: "url", maxBytes: 2 })).rejects.toMatchObject({ code: "too-large" });
    expect(await client.send(url, { method: "url", accept: ["audio/*"], maxBytes: 3 })).toMatchObject({ size: 3 });
    await expect(client.send(new URL("file:///etc/passwd"))).rejects.toThrow(TypeError);
  });
});

describe("a name", () => {
  test("is one that no other file has, with the right extension, in uploads", async () => {
    const sent = await client.send(new Blob(["a"], { type: "image/png" }));
    expect(sent.raw?.filePath).toMatch(/^uploads\/[0-9a-f-]{36}\.png$/);
    expect(sent.mayServeOld).toBeUndefined();
    const again = await client.send(new Blob(["a"], { type: "image/png" }));
    expect(again.value).not.toBe(sent.value);
    const named = await client.send(file("package.json"));
    expect(named.raw?.fileName).toMatch(/\.json$/);
  });

  test("of your own overwrites, and may bring back what it had before", async () => {
    await using caching = await startEmulator({ kie: { staleFor: 60_000 } });
    await using other = clientOf({}, caching.urls.kie);
    for (const text of ["one", "two"]) {
      const sent = await other.send(new Blob([text]), {
        uploadPath: "/images//".replace("//", "/"),
        fileName: "a.txt",
      });
      expect(sent).toMatchObject({ mayServeOld: true, raw: { filePath: "images/a.txt" } });
    }
    expect(caching.files.list()).toHaveLength(1);
  });

  test.each([
    [{ uploadPath: "" }, RangeError],
    [{ uploadPath: "///" }, RangeError],
    [{ uploadPath: "a/../b" }, RangeError],
    [{ uploadPath: "a\\b" }, RangeError],
    [{ uploadPath: 7 as never }, TypeError],
    [{ fileName: "" }, RangeError],
    [{ fileName: "a/b" }, RangeError],
    [{ fileName: "a\r\nb" }, RangeError],
    [{ fileName: 7 as never }, TypeError],
    [{ base64Limit: -1 }, RangeError],
    [{ base64Limit: "1" as never }, TypeError],
    [{ base64Limit: 10_000_001 }, RangeError],
    [{ allowLarge: 1 as never }, TypeError],
    [{ maxBytes: Number.NaN }, RangeError],
  ])("or an option that is none is refused: %o", async (options, kind) => {
    await expect(client.send(new Blob(["a"]), options)).rejects.toThrow(kind);
    expect(emulator.requests).toEqual([]);
  });
});

describe("base64 above 10 MB", () => {
  test("is refused with the reason, before the first byte", async () => {
    const source = bytesSource(new Uint8Array(10_000_001), { name: "talk.mp4" });
    const error = await client.send(source, { method: "base64" }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "too-large", size: 10_000_001, limit: 10_000_000, retryable: false });
    expect(String(error)).toMatch(/"talk\.mp4".*as base64.*10000001.*allowLarge/);
    expect(emulator.requests).toEqual([]);
    expect((await client.send(source)).method).toBe("stream");
  });

  test("is sent when it is meant, and a stream is stopped where it is not", async () => {
    const source = bytesSource(new Uint8Array(10_000_001), { name: "talk.mp4" });
    const sent = await client.send(source, { method: "base64", allowLarge: true });
    expect(sent).toMatchObject({ method: "base64", size: 10_000_001 });
    await using large = clientOf({ allowLarge: true, base64Limit: 20_000_000 });
    expect((await large.send(source)).method).toBe("base64");
    async function* endless() {
      for (;;) yield new Uint8Array(1_000_000);
    }
    const stopped = await client.send(endless(), { method: "base64" }).catch((thrown: unknown) => thrown);
    expect(stopped).toMatchObject({
      code: "too-large",
      limit: 10_000_000,
      message: expect.stringContaining("allowLarge"),
    });
    const mine = client.send(endless(), { method: "base64", maxBytes: 2_000_000 });
    await expect(mine).rejects.toMatchObject({ name: "TooLargeError", limit: 2_000_000 });
  });
});

describe("what is said of a file", () => {
  const answered = (data: unknown, rest: object = {}) => {
    const text = JSON.stringify({ success: true, code: 200, msg: "success", data, ...rest });
    emulator.faults.set([{ match: { route: "uploads.*" }, do: { malformedReply: text } }]);
  };
  const sending = () => client.send(new Blob(["abc"]), { retry: false });

  test("expires a day after it was uploaded, by the service's clock, or when it says", async () => {
    const clock = createClock(new Date("2026-01-01T00:00:00Z"));
    const other: EmulatorOptions = { clock };
    await using past = await startEmulator(other);
    await using reader = clientOf({}, past.urls.kie);
    expect((await reader.send(new Blob(["abc"]))).expiresAt).toEqual(new Date("2026-01-02T00:00:00Z"));
    answered({ fileUrl: "https://a.example/b", uploadTime: "2025-01-15T10:30:00Z" });
    expect((await sending()).expiresAt).toEqual(new Date("2025-01-16T10:30:00Z"));
    answered({ fileUrl: "https://a.example/b", uploadedAt: "2025-01-15", expiresAt: "2025-01-18T10:30:00Z" });
    expect((await sending()).expiresAt).toEqual(new Date("2025-01-18T10:30:00Z"));
    answered({ fileUrl: "https://a.example/b", uploadedAt: "soon", expiresAt: null });
    expect(Math.abs(Number((await sending()).expiresAt) - Date.now() - 86_400_000)).toBeLessThan(60_000);
  });

  test("is its downloadUrl, else its fileUrl; the quickstart's shape will do, too", async () => {
    answered({ downloadUrl: "https://a.example/d", fileUrl: "https://a.example/f", fileSize: 3 });
    expect((await sending()).value).toBe("https://a.example/d");
    answered({ downloadUrl: null, fileUrl: "https://a.example/f", fileSize: 3 });
    expect((await sending()).value).toBe("https://a.example/f");
    await using old = await startEmulator({ kie: { uploadReply: "quickstart", lifetime: 3 * 86_400_000 } });
    await using reader = clientOf({}, old.urls.kie);
    const sent = await reader.send(new Blob(["abc"]));
    expect(sent.raw).toMatchObject({ uploadPath: "uploads", fileId: expect.any(String) });
    expect(Math.abs(Number(sent.expiresAt) - Date.now() - 3 * 86_400_000)).toBeLessThan(60_000);
  });

  test.each([
    [
      "a bad code",
      { downloadUrl: "https://a.example/d" },
      { code: 500, msg: "no" },
      { code: "soft-error", providerCode: 500 },
    ],
    ["success: false", { downloadUrl: "https://a.example/d" }, { success: false, msg: "no" }, { code: "soft-error" }],
    ["success: false inside", { success: false, downloadUrl: "https://a.example/d" }, {}, { code: "soft-error" }],
    ["no code", { downloadUrl: "https://a.example/d" }, { code: undefined }, { code: "bad-reply" }],
    ["no data", null, {}, { code: "bad-reply" }],
    ["no URL", { fileSize: 3 }, {}, { code: "bad-reply" }],
    ["a URL that is none", { downloadUrl: "/kieai/1/a" }, {}, { code: "bad-reply" }],
    [
      "another size",
      { downloadUrl: "https://a.example/d", fileSize: 2 },
      {},
      { code: "size-mismatch", expected: 3, received: 2 },
    ],
  ])("is no success with %s", async (_what, data, rest, expected) => {
    answered(data, rest);
    await expect(sending()).rejects.toMatchObject(expected);
  });
});

describe("sending", () => {
  test("tells how far it is in bytes of the file, whatever the way", async () => {
    for (const method of ["stream", "base64"] as const) {
      const seen: Progress[] = [];
      const onProgress = (progress: Progress) => seen.push(progress);
      await client.send(bytesSource(new Uint8Array(3_000_000)), { method, onProgress });
      expect(Math.max(...seen.map(({ sent }) => sent))).toBe(3_000_000);
      expect(seen.at(-1)).toMatchObject({ acknowledged: 3_000_000, total: 3_000_000, parts: { done: 1 } });
    }
  });

  test("tries again under another name after an unclear failure; under your own, if you have one", async () => {
    emulator.faults.set([{ match: { route: "uploads.stream", nth: 1 }, do: { resetAfterWork: true } }]);
    const before = emulator.files.list().length;
    const sent = await client.send(bytesSource(new Uint8Array(2_000_000), { name: "a.bin" }));
    const two = emulator.files.list().slice(before);
    expect(two).toHaveLength(2);
    expect(two[0]?.name).not.toBe(two[1]?.name);
    expect(two[1]?.name).toBe(sent.raw?.filePath);
    emulator.faults.set([{ match: { route: "uploads.base64", nth: [1, 2] }, do: { softError: 520 } }]);
    const own = await client.send(new Blob(["abc"]), { fileName: "own.txt" });
    expect(own.raw?.filePath).toBe("uploads/own.txt");
    expect(emulator.faults.list()[0]?.hits).toBe(2);
  });

  test("a stream that can be read once goes once", async () => {
    emulator.faults.set([{ match: { route: "uploads.stream" }, do: { softError: 500 } }]);
    await expect(client.send(new Blob(["a"]).stream())).rejects.toMatchObject({ code: "soft-error" });
    expect(emulator.requests).toHaveLength(1);
    emulator.requests.length = 0;
    await using once = clientOf({ retry: false });
    await expect(once.send(new Blob(["a"]), { method: "stream" })).rejects.toMatchObject({ code: "soft-error" });
    expect(emulator.requests).toHaveLength(1);
  });

  test("ends on an abort, with its reason, and reads no more", async () => {
    emulator.faults.set([{ match: { route: "uploads.stream" }, do: { stallAfterBytes: 100_000 } }]);
    const controller = new AbortController();
    const reason = new Error("enough");
    let read = 0;
    async function* endless() {
      for (;;) {
        read += 1;
        yield new Uint8Array(65_536);
      }
    }
    const sent = client.send(endless(), { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 100);
    await expect(sent).rejects.toBe(reason);
    const after = read;
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(read - after).toBeLessThanOrEqual(1);
    await expect(client.send(new Blob(["a"]), { signal: controller.signal })).rejects.toBe(reason);
  });

  test("checks accept and maxBytes before the first byte", async () => {
    const source = bytesSource(new Uint8Array(10), { type: "text/plain" });
    await expect(client.send(source, { accept: ["image/*"] })).rejects.toMatchObject({ code: "not-accepted" });
    await expect(client.send(source, { maxBytes: 9 })).rejects.toMatchObject({ code: "too-large", limit: 9 });
    expect(emulator.requests).toEqual([]);
    expect(await client.send(source, { accept: ["text/*"], maxBytes: 10 })).toMatchObject({ size: 10 });
    expect(await client.send(source, { accept: ["image/*"], type: "image/png" })).toMatchObject({
      raw: { mimeType: "image/png" },
    });
  });

  test("never takes a string for a file", async () => {
    for (const path of ["package.json", "/etc/passwd", "https://files.example/a.png"]) {
      await expect(client.send(path as never)).rejects.toThrow(/Cannot send a string/);
    }
    const job = await client.createJob("digest", {
      image: "/etc/passwd",
      list: ["package.json", { at: "/etc/hosts" }],
    });
    expect(job.taskId).toBeTruthy();
    expect(emulator.requests).toHaveLength(1);
    expect(emulator.requests[0]?.bytesReceived).toBeLessThan(200);
  });
});
