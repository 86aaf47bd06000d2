import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { chmod, lstat, mkdir, open, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SizeMismatchError } from "../size-mismatch-error.ts";
import { type FileSinkOptions, fileSink } from "./file-sink.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sink-"));
  path = join(folder, "out.bin");
});
afterEach(() => rmSync(folder, { recursive: true }));

function shell(command: string, ...values: string[]): void {
  execFileSync("sh", ["-c", command, "sh", ...values]);
}

const files = () => readdirSync(folder);
const bytesOf = (text: string) => new TextEncoder().encode(text);

async function put(chunks: readonly Uint8Array[], options?: FileSinkOptions): Promise<void> {
  const writer = fileSink(path, options).getWriter();
  writer.closed.catch(() => {});
  for (const chunk of chunks) await writer.write(chunk);
  await writer.close();
}

test("fileSink writes what it is given, however it is cut, and leaves one file", async () => {
  const cut = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(cut, fc.boolean(), async (chunks, sized) => {
      const whole = chunks.flatMap((chunk) => Array.from(chunk));
      await put(chunks, sized ? { size: whole.length } : {});
      expect(Array.from(readFileSync(path))).toEqual(whole);
      expect(files()).toEqual(["out.bin"]);
    }),
    { numRuns: 30 },
  );
});

test("fileSink writes chunks that are larger than one write", async () => {
  const chunk = randomBytes(20_000_003);
  await put([chunk.subarray(1)]);
  expect(readFileSync(path).equals(chunk.subarray(1))).toBe(true);
});

test("fileSink leaves the old file as it is until the new one is complete", async () => {
  writeFileSync(path, "old");
  const writer = fileSink(path).getWriter();
  await writer.write(bytesOf("new"));
  expect(readFileSync(path, "utf8")).toBe("old");
  expect(files()).toHaveLength(2);
  await writer.close();
  expect(readFileSync(path, "utf8")).toBe("new");
  expect(files()).toEqual(["out.bin"]);
});

test("fileSink leaves nothing on an abort, before the first write and after it", async () => {
  for (const writes of [0, 1, 3]) {
    const writer = fileSink(path).getWriter();
    for (let count = 0; count < writes; count += 1) void writer.write(bytesOf("abc")).catch(() => {});
    const reason = new Error("enough");
    await writer.abort(reason);
    await expect(writer.closed).rejects.toBe(reason);
    expect(files()).toEqual([]);
  }
});

test.each([
  ["fewer bytes", 4, ["abc"], 3],
  ["no bytes", 4, [], 0],
  ["more bytes", 4, ["abc", "de"], 5],
] as const)("fileSink with %s than its size errors and leaves nothing", async (_, size, texts, received) => {
  const done = put(texts.map(bytesOf), { size });
  await expect(done).rejects.toThrow(SizeMismatchError);
  await expect(done).rejects.toMatchObject({ code: "size-mismatch", expected: size, received });
  expect(files()).toEqual([]);
});

test("fileSink refuses chunks that are no bytes, and leaves nothing", async () => {
  const done = put([bytesOf("abc"), "text" as unknown as Uint8Array]);
  await expect(done).rejects.toThrow(`chunk 1 must be a Uint8Array, received a string`);
  expect(files()).toEqual([]);
});

test("fileSink asks for room before it writes, and leaves nothing when there is none", async () => {
  const done = put([bytesOf("abc")], { size: Number.MAX_SAFE_INTEGER });
  await expect(done).rejects.toMatchObject({ code: "ENOSPC", path });
  await expect(done).rejects.toThrow(`it is ${Number.MAX_SAFE_INTEGER} bytes and the disk has room for`);
  expect(files()).toEqual([]);
});

test("fileSink leaves nothing when the disk is full in the middle", async () => {
  // A file of its own that is full after 1 MiB, where the process may mount one.
  const disk = join(folder, "disk");
  await mkdir(disk);
  try {
    shell('mount -t tmpfs -o size=1m tmpfs "$1" 2>&1', disk);
  } catch {
    return;
  }
  try {
    path = join(disk, "out.bin");
    await expect(put([new Uint8Array(700_000), new Uint8Array(700_000)])).rejects.toMatchObject({ code: "ENOSPC" });
    expect(readdirSync(disk)).toEqual([]);
    await expect(put([new Uint8Array(1)], { size: 2_000_000 })).rejects.toThrow("the disk has room for");
    expect(readdirSync(disk)).toEqual([]);
  } finally {
    shell('umount "$1"', disk);
  }
});

test("fileSink gives a new file the mode that is asked for, and an old one its own", async () => {
  const modeOf = async () => (await stat(path)).mode & 0o7777;
  await put([bytesOf("a")]);
  expect(await modeOf()).toBe(0o666 & ~process.umask());
  await chmod(path, 0o640);
  await put([bytesOf("b")]);
  expect(await modeOf()).toBe(0o640);
  await put([bytesOf("c")], { mode: 0o606 });
  expect(await modeOf()).toBe(0o606);
});

test("fileSink keeps a symbolic link and replaces what it leads to", async () => {
  await mkdir(join(folder, "sub"));
  await writeFile(join(folder, "sub", "real"), "old");
  symlinkSync(join("sub", "real"), path);
  await put([bytesOf("new")]);
  expect((await lstat(path)).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(folder, "sub", "real"), "utf8")).toBe("new");
  expect(readdirSync(join(folder, "sub"))).toEqual(["real"]);
});

test("fileSink that may not overwrite leaves what is there, also what appears meanwhile", async () => {
  writeFileSync(path, "old");
  await expect(put([bytesOf("new")], { overwrite: false })).rejects.toMatchObject({ code: "EEXIST", path });
  rmSync(path);
  const writer = fileSink(path, { overwrite: false }).getWriter();
  await writer.write(bytesOf("new"));
  writeFileSync(path, "first");
  await expect(writer.close()).rejects.toMatchObject({ code: "EEXIST" });
  expect(readFileSync(path, "utf8")).toBe("first");
  expect(files()).toEqual(["out.bin"]);
  rmSync(path);
  await put([bytesOf("new")], { overwrite: false });
  expect(readFileSync(path, "utf8")).toBe("new");
  expect(files()).toEqual(["out.bin"]);
});

test("fileSink never takes the place of a folder or of a pipe, and so not of /dev/null", async () => {
  await mkdir(path);
  await expect(put([bytesOf("a")])).rejects.toMatchObject({ code: "EISDIR" });
  rmSync(path, { recursive: true });
  shell('mkfifo "$1"', path);
  await expect(put([bytesOf("a")])).rejects.toThrow("it is a pipe, a socket or a device");
  expect((await lstat(path)).isFIFO()).toBe(true);
});

test("fileSink says where it cannot write", async () => {
  path = join(folder, "missing", "out.bin");
  await expect(put([bytesOf("a")])).rejects.toThrow(
    `Cannot write ${JSON.stringify(path)}: there is no such file (ENOENT)`,
  );
});

test("fileSink takes a name of 255 bytes", async () => {
  path = join(folder, "x".repeat(255));
  await put([bytesOf("a")]);
  expect(files()).toEqual([basename(path)]);
});

test("fileSink accepts one chunk and waits for the disk", async () => {
  const writer = fileSink(path).getWriter();
  expect(writer.desiredSize).toBe(1);
  const first = writer.write(bytesOf("a"));
  expect(writer.desiredSize).toBe(0);
  await first;
  expect(writer.desiredSize).toBe(1);
  await writer.abort();
});

test("fileSink leaves no descriptor, whatever happens", async () => {
  await using held = await open(folder);
  const count = () => readdirSync("/proc/self/fd").length;
  const before = count();
  for (let round = 0; round < 10; round += 1) {
    await put([bytesOf("abc")]);
    await put([bytesOf("abc")], { size: 4 }).catch(() => {});
    const writer = fileSink(path).getWriter();
    await writer.write(bytesOf("a"));
    await writer.abort();
  }
  expect(count()).toBe(before);
  expect(held.fd).toBeGreaterThan(0);
});

test.each([
  [5, {}, TypeError, '"path" must be a path or a file: URL, received 5'],
  ["a", { size: -1 }, RangeError, '"size" must be an integer ≥ 0, received -1'],
  ["a", { mode: 0o10000 }, RangeError, '"mode" must be an integer from 0 to 0o7777, received 4096'],
  ["a", { overwrite: 1 }, TypeError, '"overwrite" must be a boolean, received 1'],
])("fileSink refuses %j with %j", (given, options, kind, message) => {
  expect(() => fileSink(given as string, options as FileSinkOptions)).toThrow(kind);
  expect(() => fileSink(given as string, options as FileSinkOptions)).toThrow(message);
});
