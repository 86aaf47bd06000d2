import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { streamSource } from "@sluice/source";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MemoryTarget } from "../memory-target.ts";
import { upload } from "../upload.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-spool-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
const descriptors = () => readdirSync("/proc/self/fd").length;

describe("a stream of unknown size for a target that must know it", () => {
  test("goes by a copy in the folder given, which has no name and does not stay", async () => {
    const target = new MemoryTarget({ needsSize: true, preferredPartSize: 100_000 }, () => {
      expect(readdirSync(join(folder, "made"))).toEqual([]);
      return undefined;
    });
    const before = descriptors();
    const source = streamSource([bytes.slice(0, 70_000), bytes.slice(70_000)], { name: "a.bin" });
    const whole = await upload(source, target, { spool: join(folder, "made"), digest: ["crc32"] });
    expect(Buffer.compare(whole, bytes)).toBe(0);
    expect(readdirSync(join(folder, "made"))).toEqual([]);
    expect(descriptors()).toBe(before);
  });

  test("leaves nothing behind when the stream fails, nor on an abort", async () => {
    const failure = new Error("the tape tore");
    async function* tape() {
      yield bytes;
      throw failure;
    }
    const before = descriptors();
    const target = new MemoryTarget({ needsSize: true });
    await expect(upload(streamSource(tape()), target, { spool: folder })).rejects.toBe(failure);
    const abort = new AbortController();
    const silent = new ReadableStream<Uint8Array>({ pull: () => abort.abort("enough") }, { highWaterMark: 0 });
    const uploading = upload(streamSource(silent), target, { spool: folder, signal: abort.signal });
    await expect(uploading).rejects.toBe("enough");
    expect(readdirSync(folder)).toEqual([]);
    expect(descriptors()).toBe(before);
    expect(target.uploads.size).toBe(0);
  });

  test("says so where the folder cannot be written to", async () => {
    const uploading = upload(streamSource([bytes]), new MemoryTarget({ needsSize: true }), { spool: "/proc/nowhere" });
    await expect(uploading).rejects.toMatchObject({ code: "ENOENT" });
    const file = upload(streamSource([bytes]), new MemoryTarget({ needsSize: true }), { spool: import.meta.filename });
    await expect(file).rejects.toMatchObject({ code: "ENOTDIR" });
  });
});
