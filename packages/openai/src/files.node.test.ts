import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempDisposable } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "@sluice/emulator";
import { bytesSource, streamSource } from "@sluice/source";
import type { UploadEvent } from "@sluice/uploader";
import OpenAI, { toFile } from "openai";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type OpenAI as Client, openai, type UnusualNameEvent } from "./index.ts";

const key = "sk-planted-in-this-test-0123456789";
let emulator: Emulator;
let client: Client;

beforeEach(async () => {
  emulator = await startEmulator();
  client = openai({ apiKey: key, baseUrl: emulator.urls.openai, organization: "org_1", project: "proj_1" });
});
afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await emulator.close();
});

const named = (text: string, name: string) => bytesSource(new TextEncoder().encode(text), { name });
const routes = () => emulator.requests.map(({ route }) => route);

describe("files", () => {
  test("are created, found, listed over pages, read and deleted", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "openai-files-"));
    await using kept = await startEmulator({ storage: folder.path });
    await using other = openai({ apiKey: key, baseUrl: kept.urls.openai });
    const names = ["a.txt", "b.txt", "c.txt"];
    for (const name of names) await other.files.create(named(`of ${name}`, name), { purpose: "user_data" });
    const page = await other.files.list({ limit: 2, order: "asc" });
    expect(page.data.map(({ filename }) => filename)).toEqual(["a.txt", "b.txt"]);
    expect(page.hasMore).toBe(true);
    expect((await Array.fromAsync(page)).map(({ filename }) => filename)).toEqual(names);
    const [first] = page.data;
    const id = first?.id ?? "";
    expect(await other.files.get(id)).toEqual(first);
    const content = await other.files.content(id);
    expect(content.size).toBe(8);
    expect(await new Response(content.stream()).text()).toBe("of a.txt");
    await other.files.delete(id);
    await expect(other.files.get(id)).rejects.toMatchObject({
      code: "http",
      status: 404,
      message: expect.stringContaining("No such File object"),
    });
  });

  test("look to the server as the official SDK's do", async () => {
    const arrived = () =>
      emulator.requests.map(({ method, path, headers }) => ({
        method,
        path: path.replaceAll(/file-\w+/g, "ID"),
        accept: headers["accept"],
        type: String(headers["content-type"]).replace(/boundary=.*/, "boundary=…"),
        organization: headers["openai-organization"],
        project: headers["openai-project"],
      }));
    const sdk = new OpenAI({
      apiKey: key,
      baseURL: emulator.urls.openai,
      organization: "org_1",
      project: "proj_1",
      maxRetries: 0,
    });
    const expiry = { anchor: "created_at", seconds: 3_600 } as const;
    const theirs = await sdk.files.create({
      file: await toFile(new TextEncoder().encode("{}"), "a.jsonl"),
      purpose: "batch",
      expires_after: expiry,
    });
    await sdk.files.retrieve(theirs.id);
    await sdk.files.list({ purpose: "batch", limit: 5 });
    await sdk.files.delete(theirs.id);
    const expected = arrived();
    emulator.requests.length = 0;
    const ours = await client.files.create(named("{}", "a.jsonl"), { purpose: "batch", expiresAfter: expiry });
    await client.files.get(ours.id);
    await client.files.list({ purpose: "batch", limit: 5 });
    await client.files.delete(ours.id);
    expect(ours).toMatchObject({ filename: "a.jsonl", expires_at: theirs.expires_at });
    expect(arrived().map(({ accept: _, ...rest }) => rest)).toEqual(expected.map(({ accept: _, ...rest }) => rest));
  });
});

describe("send", () => {
  test("takes one request for small files and parts for large ones, and says why", async () => {
    const small = await client.send(named("hello", "a.txt"), { purpose: "user_data" });
    expect(small).toMatchObject({ method: "upload", size: 5, reason: "5 bytes are quickest in one request" });
    expect(routes()).toEqual(["files.create"]);
    emulator.requests.length = 0;
    const large = bytesSource(new Uint8Array(5_000_000).fill(7), { name: "b.bin" });
    expect(await client.send(large, { purpose: "user_data" })).toMatchObject({ method: "parts", size: 5_000_000 });
    expect(routes()).toEqual(["uploads.create", "uploads.parts.create", "uploads.complete"]);
    const forced = await client.send(named("hello", "a.txt"), { purpose: "user_data", method: "parts" });
    expect(forced.method).toBe("parts");
    expect(emulator.files.get(forced.value)?.sha256).toBe(createHash("sha256").update("hello").digest("hex"));
  });

  test("checks type and size before the first byte", async () => {
    const source = named("hello", "a.txt");
    const wrong = client.send(source, { purpose: "user_data", accept: ["image/*"] });
    await expect(wrong).rejects.toMatchObject({ code: "not-accepted" });
    await expect(client.send(source, { purpose: "user_data", maxBytes: 4 })).rejects.toMatchObject({
      code: "too-large",
      size: 5,
      limit: 4,
    });
    await expect(client.send(named("", "a.txt"), { purpose: "user_data" })).rejects.toThrow("at least 1 byte");
    await expect(client.send(source, {} as never)).rejects.toThrow('"purpose" must be a text, received undefined');
    await expect(client.send("/etc/hostname" as never, { purpose: "user_data" })).rejects.toThrow(
      "Cannot send a string",
    );
    expect(routes()).toEqual([]);
  });

  test("takes a stream of unknown length by a temporary copy", async () => {
    const once = () =>
      streamSource([new TextEncoder().encode("he"), new TextEncoder().encode("llo")], { name: "a.txt" });
    await expect(client.send(once(), { purpose: "user_data" })).rejects.toMatchObject({ code: "needs-size" });
    const sent = await client.send(once(), { purpose: "user_data", spool: tmpdir() });
    expect(emulator.files.get(sent.value)?.sha256).toBe(createHash("sha256").update("hello").digest("hex"));
  });

  test("streams what is at a URL through, for OpenAI takes none", async () => {
    const server = createServer((_, response) => response.setHeader("content-length", 5).end("hello"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/talk.txt?signature=secret`);
    const { value } = await client.send(url, { purpose: "user_data" });
    expect(emulator.files.get(value)).toMatchObject({ name: "talk.txt", size: 5 });
    server.close();
  });

  test("warns where the name does not go with the purpose", async () => {
    const events: (UploadEvent | UnusualNameEvent)[] = [];
    const onEvent = (event: UploadEvent | UnusualNameEvent) => void events.push(event);
    await client.send(named("{}", "a.json"), { purpose: "batch", onEvent });
    await client.send(named("{}", "a.jsonl"), { purpose: "batch", onEvent });
    await client.send(named("{}", "a.json"), { purpose: "fine-tune", method: "parts", concurrency: 1, onEvent });
    expect(events.map((event) => event.type)).toEqual(["unusual-name", "unusual-name"]);
    expect(events[0]).toMatchObject({ purpose: "batch", filename: "a.json" });
  });

  test("sends a small file once: after a lost reply it may be there", async () => {
    emulator.faults.set([{ match: { route: "files.create", nth: 1 }, do: { resetAfterWork: true } }]);
    await expect(client.send(named("hello", "a.txt"), { purpose: "user_data" })).rejects.toMatchObject({
      code: "http",
    });
    expect(routes()).toEqual(["files.create"]);
  });

  test("hands the md5 of the whole to the completion, which compares it", async () => {
    const bytes = new Uint8Array(300_000).map((_, index) => index * 31);
    const options = { purpose: "user_data", method: "parts", partSize: 65_536, digest: ["md5"] } as const;
    const { value } = await client.send(bytesSource(bytes, { name: "a.bin" }), options);
    expect(emulator.files.get(value)?.md5).toBe(createHash("md5").update(bytes).digest("hex"));
  });
});

test("no part is added to an upload that this client has closed", async () => {
  const created = { bytes: 5, filename: "a.txt", mimeType: "text/plain", purpose: "user_data" };
  const completed = await client.createUpload(created);
  const { id } = await client.addUploadPart(completed.id, named("hello", "a.txt"));
  await client.completeUpload(completed.id, { partIds: [id] });
  const cancelled = await client.createUpload(created);
  await client.cancelUpload(cancelled.id);
  emulator.requests.length = 0;
  await expect(client.addUploadPart(completed.id, named("x", "x"))).rejects.toThrow("it was completed");
  await expect(client.addUploadPart(cancelled.id, named("x", "x"))).rejects.toThrow("it was cancelled");
  expect(routes()).toEqual([]);
});
