import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  createWriteStream,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { mkdir, open, rename, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ByteSource } from "../byte-source.ts";
import { SourceChangedError } from "../source-changed-error.ts";
import { sourceLaws } from "../source-laws.ts";
import { file } from "./file.ts";
import { fileSource } from "./file-source.ts";

const SIZE = 700_000;
const BYTES = Uint8Array.from({ length: SIZE }, (_, index) => (index * 7) % 251);
let folder: string;
let path: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "source-"));
  path = join(folder, "talk.mp4");
  await writeFile(path, BYTES);
});
afterEach(() => rmSync(folder, { recursive: true }));

function shell(command: string, ...values: string[]): void {
  execFileSync("sh", ["-c", command, "sh", ...values]);
}

const bytes = (stream: ReadableStream) => new Response(stream).bytes();
/** `toEqual` takes 0.1 s for as many bytes. */
const isAll = async (stream: ReadableStream) => Buffer.from(BYTES).equals(await bytes(stream));

/** Descriptors of the test's folder that are open in this process. */
function openFiles(): number {
  return readdirSync("/proc/self/fd").filter((fd) => linkOf(fd).startsWith(folder)).length;
}

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return "closed meanwhile";
  }
}

const opened: { name: string; make: (path: string) => ByteSource | Promise<ByteSource> }[] = [
  { name: "file", make: file },
  { name: "fileSource", make: fileSource },
];

let serial = 0;
async function written(contents: Uint8Array): Promise<string> {
  serial += 1;
  const each = join(folder, `${serial}.bin`);
  await writeFile(each, contents);
  return each;
}

const laws = [
  ...sourceLaws({ create: async (contents) => file(await written(contents)) }).map((law) => ["file", law] as const),
  ...sourceLaws({ create: async (contents) => fileSource(await written(contents)) }).map(
    (law) => ["fileSource", law] as const,
  ),
];
test.each(laws.map(([kind, { name, check }]) => [kind, name, check] as const))("%s %s", (_, __, check) => check());

test("fileSource of a FileHandle keeps the laws, and leaves the handle open", async () => {
  const handles: Awaited<ReturnType<typeof open>>[] = [];
  const create = async (contents: Uint8Array) => {
    const handle = await open(await written(contents));
    handles.push(handle);
    return fileSource(handle);
  };
  for (const { check } of sourceLaws({ create, runs: 5 })) await check();
  for (const handle of handles) {
    expect((await handle.stat()).isFile()).toBe(true);
    await handle.close();
  }
});

test("file knows size, name and type at the call, and takes the caller's word for them", () => {
  expect(file(path)).toMatchObject({ size: SIZE, name: "talk.mp4", type: "video/mp4", replayable: true });
  expect(file(path, { name: "a.txt" })).toMatchObject({ name: "a.txt", type: "text/plain" });
  expect(file(path, { type: "a/b" })).toMatchObject({ name: "talk.mp4", type: "a/b" });
  expect(file(pathToFileURL(path)).size).toBe(SIZE);
});

test("file has a type for what people send, and octet-stream for what nobody knows", async () => {
  const types: Record<string, string> = {
    "a.flac": "audio/x-flac",
    "a.MKV": "video/x-matroska",
    "a.docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "a.unknown": "application/octet-stream",
    constructor: "application/octet-stream",
  };
  for (const [name, type] of Object.entries(types)) {
    await writeFile(join(folder, name), "");
    expect(file(join(folder, name)).type).toBe(type);
  }
});

test("file has a fingerprint that differs when size, time or inode does", async () => {
  const prints = new Set([file(path).fingerprint]);
  await utimes(path, 1, 1);
  prints.add(file(path).fingerprint);
  await writeFile(join(folder, "other"), BYTES);
  await utimes(join(folder, "other"), 1, 1);
  prints.add(file(join(folder, "other")).fingerprint);
  await truncate(path, 5);
  await utimes(path, 1, 1);
  prints.add(file(path).fingerprint);
  expect(prints.size).toBe(4);
});

test("file opens at the first read, once for all, and closes after the last stream", async () => {
  const source = file(path);
  const unread = source.stream();
  expect(openFiles()).toBe(0);
  const readers = Array.from({ length: 5 }, (_, index) => source.stream({ start: index }).getReader());
  await Promise.all(readers.map((reader) => reader.read()));
  expect(openFiles()).toBe(1);
  for (const reader of readers) {
    while (!(await reader.read()).done);
  }
  expect(openFiles()).toBe(0);
  await unread.cancel();
  expect(await isAll(source.stream())).toBe(true);
  expect(openFiles()).toBe(0);
});

test("file closes on a cancel in mid-stream, on an abort, on an error and on close", async () => {
  for (let round = 0; round < 20; round += 1) {
    const source = file(path);
    const canceled = source.stream().getReader();
    await canceled.read();
    const pending = canceled.read();
    await canceled.cancel();
    await pending;
    expect(openFiles()).toBe(0);

    const controller = new AbortController();
    const aborted = source.stream(controller).getReader();
    await aborted.read();
    controller.abort();
    await expect(aborted.read()).rejects.toBe(controller.signal.reason);
    await expect.poll(openFiles, { interval: 1, timeout: 10_000 }).toBe(0);

    const closed = source.stream().getReader();
    await closed.read();
    const reading = Promise.allSettled([closed.read(), source.read?.(new Uint8Array(SIZE), 0)]);
    await source.close();
    expect(openFiles()).toBe(0);
    for (const outcome of await reading) {
      if (outcome.status === "rejected") expect(String(outcome.reason)).toContain("the source is closed");
    }
  }
  const source = file(path);
  const reader = source.stream().getReader();
  await reader.read();
  await truncate(path, 1);
  await expect(reader.read()).rejects.toThrow(SourceChangedError);
  expect(openFiles()).toBe(0);
});

test("file stays open between reads, and closes by itself when no more come", async () => {
  const source = file(path);
  const into = new Uint8Array(100);
  await source.read?.(into, 5);
  expect(openFiles()).toBe(1);
  await source.read?.(into, 500);
  await expect.poll(openFiles, { timeout: 10_000 }).toBe(0);
  expect(into).toEqual(BYTES.subarray(500, 600));
});

const changes: [string, () => unknown][] = [
  ["is truncated", () => truncate(path, 10)],
  ["is emptied", () => truncate(path, 0)],
  ["grows", () => appendFileSync(path, "x")],
  ["is written to", () => writeInto(path, 3)],
  ["is replaced", () => writeFile(`${path}.new`, BYTES).then(() => rename(`${path}.new`, path))],
  ["is removed", () => rm(path)],
];

async function writeInto(name: string, position: number): Promise<void> {
  const handle = await open(name, "r+");
  await handle.write("X", position);
  await handle.close();
}

test.each(changes)("file errors, and withholds the last bytes, when it %s under a stream", async (_, change) => {
  for (const { make } of opened) {
    await writeFile(path, BYTES);
    await utimes(path, 1, 1);
    await using source = await make(path);
    const reader = source.stream().getReader();
    let count = (await reader.read()).value?.byteLength ?? 0;
    await change();
    const rest = (async () => {
      for (let next = await reader.read(); !next.done; next = await reader.read()) count += next.value.byteLength;
    })();
    await expect(rest).rejects.toMatchObject({ code: "source-changed", retryable: false, path });
    expect(count).toBeLessThan(SIZE);
  }
});

test.each(changes)("file errors when it %s before it is opened, and between two reads", async (_, change) => {
  await utimes(path, 1, 1);
  await using before = file(path);
  await using between = file(path);
  await between.read?.(new Uint8Array(10), 0);
  await change();
  if (await statOf(path)) {
    // At once, not after the last chunk.
    await expect(before.stream().getReader().read()).rejects.toThrow(SourceChangedError);
    await expect(before.read?.(new Uint8Array(1), 0)).rejects.toThrow(SourceChangedError);
  } else {
    await expect(bytes(before.stream())).rejects.toMatchObject({ code: "ENOENT" });
  }
  await expect(between.read?.(new Uint8Array(10), 0)).rejects.toMatchObject({ code: "source-changed", path });
});

test.each(changes)("file that %s errors by the last of a row of reads", async (_, change) => {
  for (const { make } of opened) {
    await writeFile(path, BYTES);
    await utimes(path, 1, 1);
    await using source = await make(path);
    const into = new Uint8Array(10);
    await source.read?.(into, 0, { more: true });
    await change();
    await source.read?.(into, 0, { more: true }).catch(() => {});
    await expect(source.read?.(into, 0)).rejects.toMatchObject({ code: "source-changed", path });
  }
});

async function statOf(name: string): Promise<boolean> {
  return statSync(name, { throwIfNoEntry: false }) !== undefined;
}

test("file streams a /proc file once, whole, though its size is said to be 0", async () => {
  for (const { make } of opened) {
    const source = await make("/proc/cpuinfo");
    expect(source).toMatchObject({ size: undefined, replayable: false, fingerprint: undefined, name: "cpuinfo" });
    const text = await new Response(source.stream()).text();
    expect(text.length).toBeGreaterThan(100);
    expect(() => source.stream()).toThrow('Cannot stream "cpuinfo" again');
    expect(() => source.stream({ start: 1 })).toThrow(RangeError);
  }
  await using handle = await open("/proc/version");
  const fromHandle = await fileSource(handle);
  expect(await new Response(fromHandle.stream()).text()).toBe(readFileSync("/proc/version", "utf8"));
});

test("file streams a /sys file, whose size is said to be 4096, as long as it is", async () => {
  const text = await new Response(file("/sys/kernel/mm/transparent_hugepage/enabled").stream()).text();
  expect(text).toBe(readFileSync("/sys/kernel/mm/transparent_hugepage/enabled", "utf8"));
});

test("file streams an empty file, and a sparse one", async () => {
  await truncate(path, 0);
  expect(await bytes(file(path).stream())).toHaveLength(0);
  expect(file(path).size).toBe(0);
  await truncate(path, 300_000);
  expect(await bytes(file(path).stream())).toEqual(new Uint8Array(300_000));
});

test("file streams a pipe once, waiting for its writer without holding a thread", async () => {
  const pipes = Array.from({ length: 6 }, (_, index) => join(folder, `pipe${index}`));
  shell('mkfifo "$@"', ...pipes);
  const sources = pipes.map((pipe) => file(pipe));
  expect(sources[0]).toMatchObject({ size: undefined, replayable: false, fingerprint: undefined });
  const received = sources.map((source) => isAll(source.stream()));
  // More pipes wait than there are threads, and files can be read all the same.
  expect(await isAll(file(path).stream())).toBe(true);
  for (const pipe of pipes) createWriteStream(pipe).end(BYTES);
  expect(await Promise.all(received)).toEqual(pipes.map(() => true));
  await expect.poll(openFiles, { timeout: 10_000 }).toBe(0);
});

test("file lets go of a pipe to which nobody writes", async () => {
  const pipe = join(folder, "pipe");
  shell('mkfifo "$1"', pipe);
  const reader = file(pipe).stream().getReader();
  const pending = reader.read();
  await expect.poll(openFiles, { timeout: 10_000 }).toBe(1);
  await reader.cancel();
  expect((await pending).done).toBe(true);
  expect(openFiles()).toBe(0);

  const source = file(pipe);
  const closed = source.stream().getReader().read();
  await expect.poll(openFiles, { timeout: 10_000 }).toBe(1);
  await Promise.all([source.close(), expect(closed).rejects.toThrow("the source is closed")]);
  expect(openFiles()).toBe(0);
});

test("file streams a device: nothing of /dev/null, and of /dev/zero what is asked for", async () => {
  expect(await bytes(file("/dev/null").stream())).toHaveLength(0);
  const reader = file("/dev/zero").stream().getReader();
  expect((await reader.read()).value).toEqual(new Uint8Array(256 * 1024));
  await reader.cancel();
});

test("file follows symbolic links, and takes one that is turned elsewhere for a replaced file", async () => {
  const link = join(folder, "link.mp3");
  symlinkSync(path, link);
  const source = file(link);
  expect(source).toMatchObject({ size: SIZE, name: "link.mp3", type: "audio/mpeg" });
  const reader = source.stream().getReader();
  await reader.read();
  await writeFile(join(folder, "else"), BYTES);
  symlinkSync(join(folder, "else"), `${link}.new`);
  await rename(`${link}.new`, link);
  await expect(bytes(source.stream())).rejects.toThrow(SourceChangedError);
  await reader.cancel();
});

test("file says what is wrong with a path, and names it", async () => {
  await mkdir(join(folder, "sub"));
  symlinkSync("nowhere", join(folder, "dangling"));
  const socket = createServer().listen(join(folder, "socket"));
  await new Promise((resolve) => socket.once("listening", resolve));
  const wrong = {
    sub: ["EISDIR", "it is a folder"],
    missing: ["ENOENT", "there is no such file"],
    dangling: ["ENOENT", "there is no such file"],
    "talk.mp4/x": ["ENOTDIR", "a part of the path is no folder"],
    socket: ["ENXIO", "it is a socket"],
  };
  for (const [name, [code, reason]] of Object.entries(wrong)) {
    const full = join(folder, name);
    const message = `Cannot read ${JSON.stringify(full)}: ${reason} (${code})`;
    expect(() => file(full)).toThrow(message);
    await expect(fileSource(full)).rejects.toThrow(message);
    await expect(fileSource(full)).rejects.toMatchObject({ code, path: full });
  }
  await new Promise((resolve) => socket.close(resolve));
});

test("file says that it may not be opened", async () => {
  await using handle = await open(path);
  await handle.chmod(0o200);
  const source = file(path);
  // Root may read everything.
  const user = process.geteuid?.();
  if (user === 0) {
    shell('chmod 755 "$1"', folder);
    process.seteuid?.(65534);
  }
  try {
    await expect(bytes(source.stream())).rejects.toMatchObject({ code: "EACCES", path });
    await expect(source.read?.(new Uint8Array(1), 0)).rejects.toThrow(
      `Cannot open ${JSON.stringify(path)}: permission denied`,
    );
  } finally {
    if (user === 0) process.seteuid?.(0);
  }
});

test("fileSource says that a FileHandle was closed", async () => {
  const handle = await open(path);
  const source = await fileSource(handle, { name: "talk.mp4" });
  await handle.close();
  await expect(bytes(source.stream())).rejects.toThrow('Cannot read "talk.mp4": its FileHandle is closed');
});

test("file reads into the buffer that a reader brings, and gives the same one back", async () => {
  const reader = file(path).stream().getReader({ mode: "byob" });
  let view: Uint8Array<ArrayBuffer> = new Uint8Array(256 * 1024);
  const sizes: number[] = [];
  while (true) {
    const { done, value } = await reader.read(view);
    if (done) break;
    sizes.push(value.byteLength);
    view = new Uint8Array(value.buffer);
    expect(view.byteLength).toBe(256 * 1024);
  }
  expect(sizes).toEqual([256 * 1024, 256 * 1024, SIZE - 512 * 1024]);
});

test.each([[5], [null], [new URL("https://example.com/")], [BYTES]])("file refuses %s as a path", async (given) => {
  expect(() => file(given as unknown as string)).toThrow(TypeError);
  await expect(fileSource(given as unknown as string)).rejects.toThrow('"path" must be a path or a file: URL');
});

test("file leaves no descriptor of 200 that were opened in every way", async () => {
  const count = () => readdirSync("/proc/self/fd").length;
  await bytes(file(path).stream());
  const before = count();
  const work = Array.from({ length: 200 }, async (_, index) => {
    const source = file(path);
    const reader = source.stream({ start: index }).getReader();
    if (index % 2) await reader.read();
    if (index % 3) await reader.cancel();
    else if (index % 5) await source.close();
    else while (!(await reader.read()).done);
  });
  await Promise.all(work);
  expect(count()).toBeLessThanOrEqual(before);
});
