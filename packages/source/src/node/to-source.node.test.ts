import { once } from "node:events";
import { createReadStream, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { blobSource } from "../blob-source.ts";
import { bytesSource } from "../bytes-source.ts";
import { requestSource } from "../request-source.ts";
import { streamSource } from "../stream-source.ts";
import { urlSource } from "../url-source.ts";
import { type SourceLike, toSource } from "./to-source.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "to-source-"));
  path = join(folder, "talk.mp3");
  await writeFile(path, "water");
});
afterEach(() => rmSync(folder, { recursive: true }));

async function textOf(given: SourceLike): Promise<string> {
  await using source = await toSource(given);
  return await new Response(source.stream()).text();
}

test("toSource takes paths, URLs, Blobs, bytes, streams and sources", async () => {
  const server = createServer((_, response) => void response.end("water")).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const bytes = new TextEncoder().encode("water");
  const given: SourceLike[] = [
    path,
    pathToFileURL(path),
    String(pathToFileURL(path)),
    url,
    url.replace("http", "HTTP"),
    new URL(url),
    "data:,water",
    "data:text/plain;base64,d2F0ZXI=",
    new URL("data:,water"),
    new Blob(["water"]),
    bytes,
    bytes.buffer,
    new DataView(bytes.buffer),
    Buffer.from("water"),
    new Blob(["water"]).stream(),
    createReadStream(path),
    [bytes],
    bytesSource(bytes),
  ];
  for (const each of given) expect(await textOf(each)).toBe("water");
  server.close();
});

test("toSource knows name and type of a path, and the type of a data URL", async () => {
  expect(await toSource(path)).toMatchObject({ name: "talk.mp3", type: "audio/mpeg", size: 5 });
  expect(await toSource("data:audio/wav;base64,AAAA")).toMatchObject({ type: "audio/wav", size: 3, name: undefined });
});

test("toSource takes for a path what only looks like a URL", async () => {
  const names = ["C:\\talk.mp4", "c:talk", "datafile", "https", "s3:key"];
  const before = process.cwd();
  process.chdir(folder);
  try {
    for (const name of names) {
      await writeFile(join(folder, name), "water");
      expect(await textOf(name)).toBe("water");
    }
    await mkdir(join(folder, "data:"));
    await writeFile(join(folder, "data:", "x"), "water");
    expect(await textOf("./data:/x")).toBe("water");
  } finally {
    process.chdir(before);
  }
});

test("toSource says which URLs it understands", async () => {
  await expect(toSource("s3://bucket/key")).rejects.toThrow("only http:, https:, file: and data: URLs are understood");
  await expect(toSource(new URL("ftp://x/y"))).rejects.toThrow("received one of ftp:");
  await expect(toSource("http://[")).rejects.toThrow("the URL is not valid");
  await expect(toSource("data:nonsense")).rejects.toThrow("the data: URL is not valid");
});

test.each([[5], [null], [undefined], [{}], [() => {}]])("toSource refuses %j", async (given) => {
  await expect(toSource(given as unknown as string)).rejects.toThrow(TypeError);
  await expect(toSource(given as unknown as string)).rejects.toThrow("Cannot make a source: expected a path");
});

test("nothing but toSource and the functions of files opens a file for a string", async () => {
  const open = () => readdirSync("/proc/self/fd").length;
  const before = open();
  const makers: ((given: never) => unknown)[] = [bytesSource, blobSource, streamSource, requestSource, urlSource];
  for (const given of [path, String(pathToFileURL(path)), "/etc/passwd", "file:///etc/passwd", "talk.mp3"]) {
    for (const make of makers) {
      await expect((async () => make(given as never))()).rejects.toThrow(TypeError);
    }
  }
  expect(open()).toBe(before);
});
