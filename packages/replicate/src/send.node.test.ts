import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "@sluice/emulator";
import { bytesSource } from "@sluice/source";
import { file } from "@sluice/source/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Replicate, replicate } from "./index.ts";

let emulator: Emulator;
let client: Replicate;
let folder: string;

beforeEach(async () => {
  emulator = await startEmulator();
  client = replicate({ apiToken: "r8_test-token", baseUrl: emulator.urls.replicate, retry: { base: 5 } });
  folder = mkdtempSync(join(tmpdir(), "sluice-replicate-"));
});
afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await emulator.close();
  rmSync(folder, { recursive: true });
});

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

function fileOf(bytes: Uint8Array, name = "talk.mp4"): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** A sparse file: it is refused before a byte of it is read. */
function sparse(size: number): string {
  const path = join(folder, "large.bin");
  const descriptor = openSync(path, "w");
  ftruncateSync(descriptor, size);
  closeSync(descriptor);
  return path;
}

describe("send picks", () => {
  test("a data URI below 256,000 bytes, an upload from there on", async () => {
    const small = await client.send(bytesSource(new Uint8Array(255_999), { type: "audio/mpeg" }));
    expect(small).toMatchObject({ method: "data-uri", size: 255_999, reason: expect.stringContaining("256000") });
    expect(small.value).toMatch(/^data:audio\/mpeg;base64,A+=*$/);
    expect(emulator.requests).toEqual([]);

    const bytes = randomBytes(256_000);
    const large = await client.send(file(fileOf(bytes)));
    expect(large).toMatchObject({ method: "upload", size: 256_000, reason: expect.stringContaining("dataUriLimit") });
    expect(large.value).toBe(large.raw?.urls.get);
    const lifetime = Number(large.expiresAt) - Date.now();
    expect(Math.abs(lifetime - 24 * 3_600_000)).toBeLessThan(60_000);
    expect(emulator.files.list()).toMatchObject([{ name: "talk.mp4", type: "video/mp4", sha256: sha256(bytes) }]);
  });

  test("by dataUriLimit of the call, or of the client", async () => {
    const bytes = bytesSource(new Uint8Array(999_999));
    expect((await client.send(bytes, { dataUriLimit: 1_000_000 })).method).toBe("data-uri");
    const { baseUrl } = { baseUrl: emulator.urls.replicate };
    await using never = replicate({ apiToken: "r8_other", baseUrl, dataUriLimit: 0 });
    expect((await never.send(bytesSource(new Uint8Array(0)))).method).toBe("upload");
    await expect(client.send(bytes, { dataUriLimit: 1_000_001 })).rejects.toThrow(RangeError);
  });

  test("a URL as it is, and no byte passes through", async () => {
    const url = new URL("https://files.example/talk.mp4");
    expect(await client.send(url)).toEqual({
      value: url.href,
      method: "url",
      reason: expect.stringContaining("no byte"),
    });
    expect(emulator.requests).toEqual([]);
  });

  test("an upload for a URL that Replicate cannot reach, or when asked", async () => {
    const bytes = randomBytes(300_000);
    const hits: string[] = [];
    const server = createServer((request, response) => {
      hits.push(request.headers.authorization ?? "none");
      response.setHeader("content-type", "audio/mpeg").end(bytes);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const asked = await client.send(new URL(`http://127.0.0.1:${port}/a.mp3`), { method: "upload" });
    expect(asked).toMatchObject({ method: "upload", reason: "asked for", size: 300_000 });
    const secret = await client.send(new URL(`http://me:pass@127.0.0.1:${port}/a.mp3`));
    expect(secret).toMatchObject({ method: "upload", reason: expect.stringContaining("credentials") });
    expect(emulator.files.list().map((stored) => stored.sha256)).toEqual([sha256(bytes), sha256(bytes)]);
    expect(hits.slice(-1)[0]).toMatch(/^Basic /);
    expect(hits.join()).not.toContain("r8_");

    // With accept or maxBytes the address is looked at, and still handed on.
    const looked = await client.send(new URL(`http://127.0.0.1:${port}/a.mp3`), {
      accept: ["audio/*"],
      maxBytes: 300_000,
    });
    expect(looked).toMatchObject({ method: "url", size: 300_000 });
    const over = client.send(new URL(`http://127.0.0.1:${port}/a.mp3`), { maxBytes: 299_999 });
    await expect(over).rejects.toMatchObject({ code: "too-large", size: 300_000, limit: 299_999 });
    server.close();
    server.closeAllConnections();
  });

  test("the bytes of a data: URL", async () => {
    expect(await client.send(new URL("data:text/plain,a%20b"))).toMatchObject({
      method: "data-uri",
      value: "data:text/plain;base64,YSBi",
    });
  });

  test("what method says", async () => {
    const bytes = bytesSource(new Uint8Array(10));
    expect(await client.send(bytes, { method: "upload" })).toMatchObject({ method: "upload", reason: "asked for" });
    expect((await client.send(bytes, { method: "data-uri", dataUriLimit: 0 })).method).toBe("data-uri");
    await expect(client.send(bytes, { method: "url" })).rejects.toThrow(TypeError);
    await expect(client.send(bytes, { method: "parts" as "upload" })).rejects.toThrow(RangeError);
  });
});

describe("limits", () => {
  test("above 100 MB it is too-large, with the way out, before the first byte", async () => {
    const error = await client.send(file(sparse(100_000_001))).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "too-large", size: 100_000_001, limit: 100_000_000, retryable: false });
    expect(String(error)).toContain("large.bin");
    expect(String(error)).toMatch(/pass a URL/);
    expect(emulator.requests).toEqual([]);
  });

  test("exactly 100 MB goes", async () => {
    const reference = await client.send(file(sparse(100_000_000)));
    expect(reference.size).toBe(100_000_000);
    expect(emulator.files.get(reference.raw?.id ?? "")?.size).toBe(100_000_000);
  });

  test("maxBytes and accept are looked at before the first byte", async () => {
    const image = bytesSource(new Uint8Array(1000), { name: "a.png", type: "image/png" });
    await expect(client.send(image, { maxBytes: 999 })).rejects.toMatchObject({ code: "too-large", limit: 999 });
    await expect(client.send(image, { accept: ["audio/*"] })).rejects.toMatchObject({ code: "not-accepted" });
    await expect(client.send(image, { maxBytes: -1 })).rejects.toThrow(RangeError);
    expect((await client.send(image, { accept: ["image/*"], maxBytes: 1000 })).method).toBe("data-uri");
    expect(emulator.requests).toEqual([]);
  });

  test("strings are refused: they are no files", async () => {
    const path = fileOf(randomBytes(10));
    for (const text of [path, "/etc/passwd", "https://files.example/a", "data:,a"]) {
      await expect(client.send(text as never)).rejects.toThrow(TypeError);
    }
  });
});

describe("an upload", () => {
  test("goes again after a failure, byte for byte", async () => {
    emulator.faults.set([
      { match: { route: "files.create", nth: 1 }, do: { resetAfterBytes: 100_000 } },
      { match: { route: "files.create", nth: 2 }, do: { status: 503 } },
      { match: { route: "files.create", nth: 3 }, do: { resetAfterWork: true } },
    ]);
    const bytes = randomBytes(400_000);
    const reference = await client.send(file(fileOf(bytes)), { retry: { base: 5 } });
    expect(emulator.files.get(reference.raw?.id ?? "")?.sha256).toBe(sha256(bytes));
    expect(emulator.requests).toHaveLength(4);
  });

  test("has a name, a type and metadata", async () => {
    const stored = await client.files.create(new Blob(["{}"], { type: "application/json" }), {
      filename: 'a "b".json',
      metadata: { take: 2 },
    });
    expect(stored).toMatchObject({ name: "a %22b%22.json", content_type: "application/json", metadata: { take: 2 } });
    const long = client.files.create(new Blob([]), { filename: "é".repeat(128) });
    await expect(long).rejects.toThrow(RangeError);
  });

  test("tells its progress", async () => {
    const sent: (number | undefined)[] = [];
    await client.send(file(fileOf(randomBytes(500_000))), {
      onProgress: ({ acknowledged }) => void sent.push(acknowledged),
    });
    expect(sent.at(-1)).toBe(500_000);
  });

  test("ends with the signal's reason", async () => {
    emulator.faults.set([{ match: { route: "files.create" }, do: { stallAfterBytes: 10_000 } }]);
    const abort = new AbortController();
    const reason = new Error("enough");
    const sending = client.send(file(fileOf(randomBytes(2_000_000))), { signal: abort.signal });
    await expect.poll(() => emulator.requests[0]?.bytesReceived ?? 0, { timeout: 10_000 }).toBeGreaterThan(0);
    abort.abort(reason);
    await expect(sending).rejects.toBe(reason);
    await expect(client.send(new Blob(["a"]), { signal: abort.signal })).rejects.toBe(reason);
  });
});

describe("files", () => {
  test("get, list newest first, and delete", async () => {
    const first = await client.files.create(new Blob(["a"]));
    emulator.clock.advance(1000);
    const second = await client.files.create(new Blob(["b"]));
    expect(await client.files.get(first.id)).toEqual(first);
    expect((await client.files.list()).map(({ id }) => id)).toEqual([second.id, first.id]);
    await client.files.delete(first.id);
    await expect(client.files.get(first.id)).rejects.toMatchObject({ code: "http", status: 404 });
    await expect(client.files.delete(first.id)).rejects.toMatchObject({ status: 404 });
  });

  test("list sorts what comes in no order, over pages", async () => {
    const created = (day: number) => ({
      id: `file-${day}`,
      size: 1,
      content_type: "a/b",
      checksums: {},
      created_at: `2026-01-0${day}T00:00:00.123456Z`,
      urls: { get: "https://files.example/a" },
    });
    const pages = [
      { results: [created(2), created(4)], next: "https://api.replicate.com/v1/files?cursor=a" },
      { results: [created(1), created(3)], next: null },
    ];
    emulator.faults.set(pages.map((body, index) => ({ match: { route: "files.list", nth: index + 1 }, do: { body } })));
    expect((await client.files.list()).map(({ id }) => id)).toEqual(["file-4", "file-3", "file-2", "file-1"]);
  });

  test("a deletion whose reply was lost is done", async () => {
    const { id } = await client.files.create(new Blob(["a"]));
    emulator.faults.set([{ match: { route: "files.delete", nth: 1 }, do: { resetAfterWork: true } }]);
    await client.files.delete(id);
    expect(emulator.requests.filter(({ route }) => route === "files.delete")).toHaveLength(2);
  });
});
