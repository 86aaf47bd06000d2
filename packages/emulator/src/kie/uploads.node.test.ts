import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createClock, type Emulator, type EmulatorOptions, startEmulator } from "../index.ts";

const authorization = "Bearer key";
const bytes = randomBytes(100_000);
const digestsOf = (data: Uint8Array) => ({
  md5: createHash("md5").update(data).digest("hex"),
  sha256: createHash("sha256").update(data).digest("hex"),
});

let storage: string;
let emulator: Emulator;
let running: EmulatorOptions | undefined;
let server: Server | undefined;
/** What was kept before the test: starting a worker for each of them would take most of the time. */
let before: readonly string[];

const usual: EmulatorOptions = {};
const kept = () => readdirSync(storage).flatMap((each) => readdirSync(join(storage, each)));

async function start(options = usual): Promise<void> {
  if (running === options) return;
  await emulator?.close();
  emulator = await startEmulator({ storage, ...options });
  running = options;
}

beforeAll(() => {
  storage = mkdtempSync(join(tmpdir(), "sluice-kie-"));
});
beforeEach(async () => {
  await start();
  emulator.faults.clear();
  emulator.requests.length = 0;
  before = kept();
});
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});
afterAll(async () => {
  await emulator.close();
  rmSync(storage, { recursive: true });
});

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function post(path: string, body: unknown, headers: Record<string, string> = { authorization }) {
  const reply = await fetch(emulator.urls.kie + path, {
    method: "POST",
    headers: body instanceof FormData ? headers : { "content-type": "application/json", ...headers },
    body: body instanceof FormData ? body : typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: reply.status, headers: reply.headers, json: await reply.json() };
}

/** A form as the quickstart's own code makes it: the file first. */
function formOf(
  fields: Record<string, string>,
  file: File | string = new File([bytes], "a.png", { type: "image/png" }),
) {
  const form = new FormData();
  form.append("file", file);
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}

const stream = (fields: Record<string, string> = { uploadPath: "images" }, file?: File | string) =>
  post("/api/file-stream-upload", formOf(fields, file));
const base64 = (body: Record<string, unknown>) => post("/api/file-base64-upload", { uploadPath: "images", ...body });
const dataUrl = (data: Uint8Array, type = "image/png") => `data:${type};base64,${Buffer.from(data).toString("base64")}`;

describe("a stream upload", () => {
  test("answers as the live service does, and can be downloaded without a key", async () => {
    const { status, headers, json } = await stream({ uploadPath: "images/user-uploads", fileName: "my image.png" });
    expect([status, headers.get("cf-ray")]).toEqual([200, emulator.requests[0]?.id]);
    expect(json).toEqual({
      success: true,
      code: 200,
      msg: "File uploaded successfully",
      data: {
        success: true,
        fileName: "my image.png",
        filePath: "images/user-uploads/my image.png",
        downloadUrl: `${emulator.urls.kie}/kieai/100001/images/user-uploads/my%20image.png`,
        fileSize: bytes.length,
        mimeType: "image/png",
        uploadedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    });
    const file = await fetch(json.data.downloadUrl);
    expect(file.headers.get("cache-control")).toBe("max-age=86400");
    expect(Buffer.from(await file.arrayBuffer()).equals(bytes)).toBe(true);
    const range = await fetch(json.data.downloadUrl, { headers: { range: "bytes=10-19" } });
    expect([range.status, range.headers.get("content-range")]).toEqual([206, `bytes 10-19/${bytes.length}`]);
    expect(Buffer.from(await range.arrayBuffer()).equals(bytes.subarray(10, 20))).toBe(true);
    expect((await fetch(json.data.downloadUrl, { method: "HEAD" })).headers.get("content-length")).toBe("100000");
    expect(emulator.files.get(json.data.filePath)).toMatchObject({ provider: "kie", ...digestsOf(bytes) });
  });

  test("takes fields in any order, trims slashes, and makes a name where none is given", async () => {
    const form = new FormData();
    form.append("fileName", "");
    form.append("uploadPath", "/a/b/");
    form.append("file", new File([bytes], "talk.mp3", { type: "" }));
    const { json } = await post("/api/file-stream-upload", form);
    expect(json.data).toMatchObject({ filePath: `a/b/${json.data.fileName}`, mimeType: "audio/mpeg" });
    expect(json.data.fileName).toMatch(/^\d{13}-[0-9a-z]{10}\.mp3$/);
  });

  test.each([
    [{}, undefined, "Missing required parameter: uploadPath"],
    [{ uploadPath: "//" }, undefined, "Missing required parameter: uploadPath"],
    [{ uploadPath: "a" }, "text", "Missing required parameter: file"],
    [{ uploadPath: "a/../b" }, undefined, 'Invalid parameter: uploadPath "a/../b"'],
    [{ uploadPath: "a//b" }, undefined, "Invalid parameter: uploadPath"],
    [{ uploadPath: "a", fileName: "../x" }, undefined, 'Invalid parameter: fileName "../x"'],
    [{ uploadPath: "a", fileName: ".." }, undefined, "Invalid parameter: fileName"],
  ])("refuses %o, and keeps nothing", async (fields, file, msg) => {
    const { status, json } = await stream(fields as Record<string, string>, file);
    expect([status, json]).toEqual([400, { success: false, code: 400, msg: expect.stringContaining(msg) }]);
    await expect.poll(kept, { timeout: 10_000 }).toEqual(before);
  });
});

describe("a base64 upload", () => {
  test.each([10, 60_000, 100_000, 3_000_001])("takes %d bytes as a data URL and bare", async (size) => {
    const data = randomBytes(size);
    for (const [base64Data, mimeType] of [
      [dataUrl(data), "image/png"],
      [Buffer.from(data).toString("base64"), "application/octet-stream"],
    ]) {
      const { status, json } = await base64({ base64Data, fileName: null });
      expect([status, json.data.fileSize, json.data.mimeType]).toEqual([200, size, mimeType]);
      expect(emulator.files.get(json.data.filePath)).toMatchObject(digestsOf(data));
      expect(json.data.fileName).toMatch(mimeType === "image/png" ? /\.png$/ : /\.bin$/);
    }
  });

  test("takes the type of bare base64 from the name", async () => {
    const { json } = await base64({ base64Data: "AAEC", fileName: "a.jpg" });
    expect(json.data).toMatchObject({ fileSize: 3, mimeType: "image/jpeg", filePath: "images/a.jpg" });
  });

  test.each([
    [{ base64Data: "" }, "Missing required parameter: base64Data"],
    [{}, "Missing required parameter: base64Data"],
    [{ base64Data: 7 }, "base64Data must be a string"],
    [{ base64Data: "data:image/png;base64,*" }, "Base64 decoding failed: Invalid Base64 format"],
    [{ base64Data: `${"A".repeat(100_000)}!` }, "Base64 decoding failed: Invalid Base64 format"],
    [{ base64Data: "A".repeat(100_001) }, "Base64 decoding failed: Invalid Base64 format"],
    [{ base64Data: "AAEC", uploadPath: "" }, "Missing required parameter: uploadPath"],
    [{ base64Data: "A".repeat(100_000), uploadPath: null }, "Missing required parameter: uploadPath"],
    [{ uploadPath: "A".repeat(100_000), base64Data: "AAEC" }, "uploadPath is too long"],
  ])("refuses %#, and keeps nothing", async (body, msg) => {
    const { status, json } = await base64(body);
    expect([status, json]).toEqual([400, { success: false, code: 400, msg: expect.stringContaining(msg) }]);
    await expect.poll(kept, { timeout: 10_000 }).toEqual(before);
  });

  test("refuses what is no JSON, or none of an object", async () => {
    for (const body of ["{", "[]", '"text"', `{"base64Data":"${"A".repeat(100_000)}"`]) {
      expect((await post("/api/file-base64-upload", body)).json).toMatchObject({ success: false, code: 400 });
    }
    const form = await post("/api/file-base64-upload", formOf({}));
    expect(form.json.msg).toContain("expected application/json");
  });
});

describe("a URL upload", () => {
  test("fetches what is at the address, redirects included, without a key", async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      seen.push(request.headers.authorization);
      if (request.url === "/moved") response.writeHead(302, { location: "/b.jpg" }).end();
      else response.setHeader("content-type", "image/jpeg; q=1").end(bytes);
    });
    const { json } = await post("/api/file-url-upload", { fileUrl: `${url}/moved`, uploadPath: "downloads" });
    expect(json.data).toMatchObject({ fileSize: bytes.length, mimeType: "image/jpeg" });
    expect(json.data.fileName).toMatch(/\.jpg$/);
    expect(emulator.files.get(json.data.filePath)).toMatchObject(digestsOf(bytes));
    expect(seen).toEqual([undefined, undefined]);
  });

  test("says why it could not", async () => {
    await start({ kie: { urlTimeout: 100 } });
    const url = await serve((request, response) => {
      if (request.url === "/404") response.writeHead(404).end();
      if (request.url === "/loop") response.writeHead(302, { location: "/loop" }).end();
      if (request.url === "/away") response.writeHead(302, { location: "http://files.example/a" }).end();
      if (request.url === "/half") {
        response.writeHead(200, { "content-length": "100000" }).write("a");
        response.socket?.destroySoon();
      }
    });
    const msg = async (fileUrl: unknown, uploadPath: unknown = "a") =>
      (await post("/api/file-url-upload", { fileUrl, uploadPath })).json.msg;
    expect(await msg(`${url}/404`)).toBe("Failed to download file from URL: HTTP 404");
    expect(await msg(`${url}/loop`)).toContain("too many redirects");
    expect(await msg(`${url}/away`)).toContain("this machine alone");
    expect(await msg(`${url}/half`)).toContain("Failed to download");
    expect(await msg(`${url}/slow`)).toContain("took too long");
    expect(await msg("https://files.example/a")).toContain("this machine alone, and this is files.example");
    expect(await msg("file:///etc/passwd")).toContain("must be an HTTP or HTTPS URL");
    expect(await msg("no url")).toContain("must be an HTTP or HTTPS URL");
    expect(await msg(undefined)).toBe("Missing required parameter: fileUrl");
    expect(await msg(`${url}/slow`, "")).toBe("Missing required parameter: uploadPath");
    await expect.poll(kept, { timeout: 10_000 }).toEqual(before);
  });
});

describe("a file", () => {
  test("is overwritten by another one of its path, and may be served all the same for a while", async () => {
    const clock = createClock(new Date("2026-01-01T00:00:00Z"));
    await start({ clock, kie: { staleFor: 60_000 } });
    const send = async (text: string) =>
      (await stream({ uploadPath: "a", fileName: "b.txt" }, new File([text], "x"))).json.data.downloadUrl;
    const read = async (url: string) => (await fetch(url)).text();
    await send("one");
    await send("two");
    clock.advance(30_000);
    const url = await send("three");
    expect(await read(url)).toBe("one");
    clock.advance(29_999);
    expect(await read(url)).toBe("one");
    clock.advance(1);
    expect(await read(url)).toBe("three");
    await expect.poll(() => kept().length, { timeout: 10_000 }).toBe(before.length + 1);
  });

  test("is gone after a day, by the clock", async () => {
    const clock = createClock(new Date("2026-01-01T00:00:00Z"));
    await start({ clock });
    const { downloadUrl, filePath, uploadedAt } = (await stream()).json.data;
    expect(uploadedAt).toBe("2026-01-01T00:00:00.000Z");
    clock.advance(86_399_999);
    expect((await fetch(downloadUrl)).status).toBe(200);
    clock.advance(1);
    expect((await fetch(downloadUrl)).status).toBe(404);
    expect(emulator.files.get(filePath)).toMatchObject({ path: undefined, deletedAt: clock.now() });
    await expect.poll(kept, { timeout: 10_000 }).toEqual(before);
  });

  test("that is not kept is a 404 that says so", async () => {
    await using bare = await startEmulator();
    const reply = await fetch(`${bare.urls.kie}/api/file-stream-upload`, {
      method: "POST",
      headers: { authorization },
      body: formOf({ uploadPath: "a" }),
    });
    const { data } = (await reply.json()) as { data: { downloadUrl: string } };
    const file = await fetch(data.downloadUrl);
    expect([file.status, await file.text()]).toEqual([404, expect.stringContaining("`storage`")]);
  });
});

describe("what is wrong", () => {
  test.each([undefined, "key", "Bearer ", "Bearer other"])("is a 401 for the key %o", async (given) => {
    await start({ kie: { apiKey: "right" } });
    const { status, json } = await post("/api/file-stream-upload", formOf({}), given ? { authorization: given } : {});
    expect([status, json]).toEqual([401, { success: false, code: 401, msg: "Authentication failed: Invalid API Key" }]);
  });

  test("comes with HTTP 200 when asked for", async () => {
    await start({ kie: { softErrors: true } });
    const { status, json } = await stream({});
    expect([status, json]).toEqual([200, { success: false, code: 400, msg: expect.any(String) }]);
  });

  test("paths and verbs are told per host", async () => {
    const get = async (path: string, method = "GET") => {
      const reply = await fetch(emulator.urls.kie + path, { method, headers: { authorization } });
      return { status: reply.status, json: await reply.json() };
    };
    const listing = {
      status: 404,
      json: { success: false, code: 404, msg: expect.stringContaining("/api/file-url-") },
    };
    const notFound = (path: string) => ({ status: 404, json: { status: 404, error: "Not Found", path } });
    expect(await get("/nothing")).toEqual(listing);
    expect(await get("/api/v1/nothing")).toEqual(notFound("/api/v1/nothing"));
    // The hosts of the live service, each with nothing of the other.
    expect(await get("/upload-host/api/v1/jobs/recordInfo")).toEqual(listing);
    const path = "/api/file-stream-upload";
    expect(await get(`/api-host${path}`, "POST")).toEqual(notFound(path));
    expect((await post("/upload-host/api/file-base64-upload", { base64Data: "AAEC", uploadPath: "a" })).status).toBe(
      200,
    );
    expect(await get("/api/file-url-upload")).toEqual({
      status: 405,
      json: { success: false, code: 405, msg: "Method not allowed" },
    });
  });

  test("faults speak its words", async () => {
    emulator.faults.set([{ match: { provider: "kie", route: "uploads.stream", nth: 1 }, do: { softError: 500 } }]);
    const soft = await stream();
    expect([soft.status, soft.json]).toEqual([200, expect.objectContaining({ success: false, code: 500 })]);
    emulator.faults.set([{ match: { route: "uploads.*" }, do: { status: 455 } }]);
    expect(await stream()).toMatchObject({ status: 455, json: { success: false, code: 455 } });
  });

  test("requests that break off or are nonsense leave it answering", async () => {
    const { port } = new URL(emulator.url);
    for (let round = 0; round < 50; round += 1) {
      const socket = connect(Number(port), "127.0.0.1");
      const head = `POST /kie/api/file-${["base64", "stream", "url"][round % 3]}-upload HTTP/1.1\r\nhost: a\r\n`;
      const type = round % 2 ? "application/json" : "multipart/form-data; boundary=b";
      socket.end(`${head}authorization: Bearer k\r\ncontent-type: ${type}\r\ncontent-length: 50\r\n\r\n--b\r\n{"a":`);
      socket.resume().on("error", () => {});
      await once(socket, "close");
    }
    expect((await stream()).status).toBe(200);
  });

  test("the quickstart's shape, and its missing uploadPath", async () => {
    await start({ kie: { uploadReply: "quickstart", requireUploadPath: false, lifetime: 3 * 86_400_000 } });
    const { data } = (await base64({ base64Data: "AAEC", uploadPath: "", fileName: null })).json;
    expect(Object.keys(data).sort()).toEqual(
      "downloadUrl expiresAt fileId fileName fileSize fileUrl mimeType originalName uploadPath uploadTime".split(" "),
    );
    expect(Date.parse(data.expiresAt) - Date.parse(data.uploadTime)).toBe(3 * 86_400_000);
  });
});
