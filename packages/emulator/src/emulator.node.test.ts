import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { useOwnTemporaryFolder } from "../test-support/own-temporary-folder.ts";
import { createClock, type Emulator, type EmulatorOptions, startEmulator } from "./index.ts";

useOwnTemporaryFolder();

let emulator: Emulator;
beforeEach(async () => {
  emulator = await startEmulator();
});
afterEach(() => emulator.close());

const headers = { authorization: "Bearer sk-planted", "content-type": "application/json" };

function spoolFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("sluice-emulator-"));
}

async function control(path: string, init: RequestInit = {}) {
  const reply = await fetch(`${emulator.url}/_sluice${path}`, {
    headers: { "content-type": "application/json" },
    ...init,
  });
  return { status: reply.status, json: await reply.json() };
}

/** Sends bytes as they are and gives what comes back before the end. */
async function raw(bytes: string | Buffer): Promise<string> {
  const socket = connect(Number(new URL(emulator.url).port), "127.0.0.1");
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  socket.on("error", () => {});
  socket.end(bytes);
  await once(socket, "close");
  return text;
}

describe("startEmulator", () => {
  test("says where each provider is", () => {
    expect(emulator.urls).toEqual({
      openai: `${emulator.url}/openai/v1`,
      replicate: `${emulator.url}/replicate/v1`,
      oneai: `${emulator.url}/oneai`,
      kie: `${emulator.url}/kie`,
    });
  });

  const cases: [string, unknown, string][] = [
    ["port", 70_000, '"port" must be an integer from 0 to 65535, received 70000'],
    ["port", "80", 'received "80"'],
    ["host", "", '"host" must be a string that is not empty'],
    ["storage", 1, '"storage" must be the path of a folder, received 1'],
    ["digests", "no", '"digests" must be a boolean'],
    ["faults", {}, '"faults" must be an array of rules'],
    ["clock", 0, '"clock" must be a Date'],
    ["seed", 1.5, '"seed" must be an integer'],
    ["cors", 1, '"cors" must be a boolean'],
    ["latency", 1, 'there is no option "latency"'],
  ];
  test.each(cases)("refuses a wrong %s at once", (name, value, message) => {
    expect(() => startEmulator({ [name]: value } as EmulatorOptions)).toThrow(message);
  });

  test("rejects where the port is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    await expect(startEmulator({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    other.close();
  });

  test("moves a clock that was given", async () => {
    const clock = createClock(new Date(0));
    await using frozen = await startEmulator({ clock });
    clock.advance(1500);
    expect(frozen.clock.now()).toEqual(new Date(1500));
    expect(() => clock.advance(-1)).toThrow(RangeError);
    expect(() => createClock(new Date(Number.NaN))).toThrow(RangeError);
  });
});

describe("close", () => {
  test("removes what was spooled, ends connections, and may be called again", async () => {
    const before = spoolFolders();
    const reply = await fetch(`${emulator.urls.openai}/uploads`, {
      method: "POST",
      headers,
      body: JSON.stringify({ filename: "a", purpose: "batch", bytes: 9, mime_type: "text/plain" }),
    });
    const { id } = (await reply.json()) as { id: string };
    const form = new FormData();
    form.set("data", new File(["abc"], "a"));
    const { authorization } = headers;
    await fetch(`${emulator.urls.openai}/uploads/${id}/parts`, {
      method: "POST",
      headers: { authorization },
      body: form,
    });
    expect(spoolFolders().length).toBeGreaterThan(before.length);
    const idle = connect(Number(new URL(emulator.url).port), "127.0.0.1");
    await once(idle, "connect");
    const ended = once(idle, "close");
    idle.resume();
    await Promise.all([emulator.close(), emulator.close()]);
    await ended;
    await emulator.close();
    expect(spoolFolders()).toEqual(before);
  });

  test("leaves no half-written file in the storage folder", async () => {
    const storage = mkdtempSync(join(tmpdir(), "emulator-test-"));
    const keeping = await startEmulator({ storage });
    const socket = connect(Number(new URL(keeping.url).port), "127.0.0.1");
    socket.on("error", () => {});
    socket.write(
      "POST /openai/v1/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\nContent-Length: 9000000\r\n" +
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n" +
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' +
        "x".repeat(1_000_000),
    );
    await expect.poll(() => readdirSync(join(storage), { recursive: true }).length, { timeout: 10_000 }).toBe(2);
    await keeping.close();
    expect(readdirSync(join(storage, "openai"))).toEqual([]);
    rmSync(storage, { recursive: true });
  });
});

describe("what is not as it should be", () => {
  test("is answered in a provider's shape, or not at all, and never ends the server", async () => {
    const line = fc.constantFrom(
      "GET /openai/v1/files HTTP/1.1",
      "POST /openai/v1/uploads HTTP/1.1",
      "POST /openai/v1/files HTTP/1.1",
    );
    const header = fc.constantFrom(
      "Host: x",
      "Authorization: Bearer k",
      "Content-Length: 5",
      "Content-Length: -1",
      "Transfer-Encoding: chunked",
      "Content-Type: application/json",
      "Content-Type: multipart/form-data; boundary=b",
      "Content-Type: multipart/form-data; boundary",
      "Content-Encoding: gzip",
      "Expect: 100-continue",
      "Connection: upgrade",
      "Upgrade: websocket",
    );
    const body = fc.oneof(
      fc.constantFrom("", "{}", "--b\r\n\r\n", "--b--", "5\r\nhello\r\n0\r\n\r\n", "zz\r\n", '{"a":'),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
    );
    const request = fc
      .tuple(line, fc.uniqueArray(header, { maxLength: 6 }), body)
      .map(([first, lines, rest]) => Buffer.from([first, ...lines, "", rest].join("\r\n"), "latin1"));
    const garbage = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    await fc.assert(
      fc.asyncProperty(fc.oneof({ weight: 4, arbitrary: request }, garbage), async (bytes) => {
        const text = await raw(bytes);
        if (text !== "") expect(text).toMatch(/^HTTP\/1\.1 (100|200|4\d\d)/);
        expect(text).not.toMatch(/^HTTP\/1\.1 5/);
      }),
      { numRuns: 300 },
    );
    expect((await fetch(`${emulator.urls.openai}/files`, { headers })).status).toBe(200);
  });

  test("oversized headers are a 431, no HTTP a 400, both in an envelope", async () => {
    const large = await raw(`GET /openai/v1/files HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(20_000)}\r\n\r\n`);
    expect(large).toMatch(/^HTTP\/1\.1 431[\s\S]*"error":\{"message":/);
    expect(await raw("hello\r\n\r\n")).toMatch(/^HTTP\/1\.1 400[\s\S]*"type":"invalid_request_error"/);
  });

  test("a path outside the providers is a 404, one with a broken escape finds nothing", async () => {
    expect((await fetch(`${emulator.url}/other`)).status).toBe(404);
    expect((await fetch(`${emulator.urls.kie}/x`)).status).toBe(404);
    expect(await raw("GET /openai/v1/files/%ZZ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\n\r\n")).toMatch(
      / 404 /,
    );
    expect(await raw("GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n")).toMatch(/^HTTP\/1\.1 40[04] /);
  });

  test("a client that goes away leaves nothing spooled", async () => {
    const { id } = (await (
      await fetch(`${emulator.urls.openai}/uploads`, {
        method: "POST",
        headers,
        body: JSON.stringify({ filename: "a", purpose: "batch", bytes: 9, mime_type: "text/plain" }),
      })
    ).json()) as { id: string };
    const before = new Set(spoolFolders());
    for (let count = 0; count < 5; count++) {
      const socket = connect(Number(new URL(emulator.url).port), "127.0.0.1");
      socket.write(
        `POST /openai/v1/uploads/${id}/parts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\nContent-Length: 9000000\r\n` +
          "Content-Type: multipart/form-data; boundary=b\r\n\r\n" +
          '--b\r\nContent-Disposition: form-data; name="data"; filename="a"\r\n\r\n' +
          "x".repeat(1_000_000),
      );
      await expect
        .poll(() => emulator.requests[count + 1]?.bytesReceived, { timeout: 10_000 })
        .toBeGreaterThan(500_000);
      socket.resetAndDestroy();
    }
    await expect
      .poll(() => emulator.requests.map(({ outcome }) => outcome))
      .toEqual(["answered", ...Array(5).fill("aborted")]);
    const mine = spoolFolders().filter((name) => !before.has(name));
    await expect.poll(() => mine.flatMap((name) => readdirSync(join(tmpdir(), name))), { timeout: 10_000 }).toEqual([]);
    expect(emulator.uploads.get(id)?.parts).toEqual([]);
  });
});

describe("the request log", () => {
  test("tells what arrived, without credentials", async () => {
    await fetch(`${emulator.urls.openai}/files?limit=1&api_key=sk-planted`, {
      headers: { ...headers, cookie: "session=sk-planted", "api-key": "sk-planted", "x-trace": "t1" },
    });
    expect(JSON.stringify(emulator.requests)).not.toContain("planted");
    expect(emulator.requests).toMatchObject([
      {
        method: "GET",
        path: "/openai/v1/files?limit=1&api_key=hidden",
        provider: "openai",
        route: "files.list",
        status: 200,
        headers: { authorization: "hidden", cookie: "hidden", "api-key": "hidden", "x-trace": "t1" },
      },
    ]);
    emulator.requests.length = 0;
    await fetch(`${emulator.url}/elsewhere`, { method: "POST", body: "12345" });
    expect(emulator.requests).toMatchObject([{ provider: undefined, route: undefined, status: 404, bytesReceived: 5 }]);
  });

  test("forgets what is older than the last 10,000", async () => {
    emulator.requests.length = 0;
    for (let index = 0; index < 10_000; index++)
      emulator.requests.push({ path: String(index) } as (typeof emulator.requests)[0]);
    await fetch(`${emulator.urls.openai}/files`, { headers });
    expect(emulator.requests).toHaveLength(10_000);
    expect(emulator.requests[0]?.path).toBe("1");
  });
});

describe("/_sluice", () => {
  test("shows files, uploads and requests", async () => {
    const form = new FormData();
    form.set("purpose", "batch");
    form.set("file", new File(["hello"], "a.txt", { type: "text/plain" }));
    const { authorization } = headers;
    const reply = await fetch(`${emulator.urls.openai}/files`, {
      method: "POST",
      headers: { authorization },
      body: form,
    });
    const { id } = (await reply.json()) as { id: string };
    expect((await control("/files")).json).toHaveLength(1);
    expect((await control(`/files/${id}`)).json).toMatchObject({
      id,
      provider: "openai",
      name: "a.txt",
      type: "text/plain",
      size: 5,
      md5: "5d41402abc4b2a76b9719d911017c592",
      sha256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
    });
    expect((await control("/files/none")).status).toBe(404);
    expect((await control("/uploads")).json).toEqual([]);
    expect((await control("/requests")).json).toMatchObject([{ route: "files.create", status: 200 }]);
    expect((await control("/requests", { method: "DELETE" })).json).toEqual([]);
    expect(emulator.requests).toEqual([]);
    expect((await control("")).json.urls).toEqual(emulator.urls);
    expect((await control("/nothing")).status).toBe(404);
  });

  test("sets, shows and clears faults", async () => {
    const rules = [{ match: { route: "files.list" }, do: { status: 500 } }];
    const put = (body: unknown) => control("/faults", { method: "PUT", body: JSON.stringify(body) });
    expect((await put({ rules })).json).toEqual([{ ...rules[0], seen: 0, hits: 0 }]);
    expect((await fetch(`${emulator.urls.openai}/files`, { headers })).status).toBe(500);
    expect((await control("/faults")).json).toMatchObject([{ seen: 1, hits: 1 }]);
    expect(await put({ rules: [{ do: { status: 5 } }] })).toMatchObject({
      status: 400,
      json: { error: /rules\[0\].do.status/ },
    });
    expect((await put({})).status).toBe(400);
    expect(emulator.faults.list()).toHaveLength(1);
    await control("/faults", { method: "DELETE" });
    expect(emulator.faults.list()).toEqual([]);
  });

  test("moves the clock", async () => {
    const before = new Date((await control("/clock")).json.now);
    const { json } = await control("/clock", { method: "POST", body: JSON.stringify({ advance: 3_600_000 }) });
    expect(new Date(json.now).getTime() - before.getTime()).toBeGreaterThanOrEqual(3_600_000);
    expect((await control("/clock", { method: "POST", body: JSON.stringify({ advance: -1 }) })).status).toBe(400);
  });
});

describe("cors", () => {
  test("is off, and lets any page in when it is on", async () => {
    expect((await fetch(`${emulator.urls.openai}/files`, { headers })).headers.has("access-control-allow-origin")).toBe(
      false,
    );
    await using open = await startEmulator({ cors: true });
    const preflight = await fetch(`${open.urls.openai}/files`, {
      method: "OPTIONS",
      headers: { "access-control-request-headers": "authorization" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toBe("authorization");
    const reply = await fetch(`${open.urls.openai}/files`, { headers });
    expect(reply.headers.get("access-control-allow-origin")).toBe("*");
  });
});
