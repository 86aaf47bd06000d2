import * as zlib from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CompressorStream, DecompressorStream } from "./index.ts";

// The stages look node:zlib up by its name; what it makes for them is noted on the way.
const { getBuiltinModule } = process;
let made: (zlib.Gzip & { _handle?: unknown })[] = [];

beforeEach(() => {
  made = [];
  const noting =
    <Options>(create: (options: Options) => zlib.Gzip) =>
    (options: Options) => {
      const stream = create(options);
      made.push(stream);
      return stream;
    };
  const noted = { ...zlib, createGzip: noting(zlib.createGzip), createInflateRaw: noting(zlib.createInflateRaw) };
  process.getBuiltinModule = (() => noted) as unknown as typeof getBuiltinModule;
});
afterEach(() => {
  process.getBuiltinModule = getBuiltinModule;
});

const data = Uint8Array.from({ length: 600_000 }, (_, index) => (index * index) >> 7);
const stages = [
  ["CompressorStream", () => new CompressorStream("gzip", { engine: "zlib" }), data],
  ["DecompressorStream", () => new DecompressorStream("gzip", { engine: "zlib" }), new Uint8Array(zlib.gzipSync(data))],
] as const;

describe.each(stages)("%s releases zlib", (_, create, input) => {
  test.each(["abort", "cancel"] as const)("on %s, whenever it comes", async (way) => {
    for (let turns = 0; turns < 40; turns += 1) {
      const { readable, writable } = create();
      const writer = writable.getWriter();
      const reader = readable.getReader();
      const reason = new Error("stop");
      const pending: Promise<unknown>[] = [
        writer.write(input),
        writer.close(),
        reader.read(),
        writer.closed,
        reader.closed,
      ];
      for (const promise of pending) promise.catch(() => {});
      for (let turn = 0; turn < turns; turn += 1) await (turn % 3 === 2 ? new Promise(setImmediate) : null);
      pending.push(way === "abort" ? writer.abort(reason) : reader.cancel(reason));
      await Promise.allSettled(pending);
    }
    await new Promise(setImmediate);
    expect(made.filter(({ destroyed }) => !destroyed)).toEqual([]);
    expect(made.length).toBeGreaterThan(0);
    // Closed as soon as zlib's thread is done with it.
    expect(made.every((stream) => stream._handle === null)).toBe(true);
  });

  test("at its end", async () => {
    const { readable, writable } = create();
    const writer = writable.getWriter();
    writer.write(input);
    writer.close();
    await new Response(readable).bytes();
    expect(made.length).toBe(1);
    expect(made[0]).toMatchObject({ destroyed: true, _handle: null });
  });
});

test("DecompressorStream releases zlib when the data is bad, and after each member", async () => {
  const gzipped = zlib.gzipSync(data);
  const broken = Buffer.from(gzipped).fill(255, 400, 420);
  const bad = new Blob([broken]).stream().pipeThrough(new DecompressorStream("gzip", { engine: "zlib" }));
  await expect(new Response(bad).bytes()).rejects.toThrow(TypeError);
  const many = new Blob(Array.from({ length: 20 }, () => gzipped)).stream();
  const stage = new DecompressorStream("gzip", { engine: "zlib", members: "multi" });
  expect((await new Response(many.pipeThrough(stage)).bytes()).length).toBe(20 * data.length);
  expect(made.length).toBe(21);
  expect(made.every(({ destroyed }) => destroyed)).toBe(true);
});

test("DecompressorStream loses nothing of a member that ends while its output waits to be read", async () => {
  // Little is learnt from the noise, so that the rest of the member comes in one portion with the next one. How much is
  // made before zlib pauses depends on the reader, so several lengths are tried.
  const noise = Uint8Array.from({ length: 70_000 }, (_, index) => Math.imul(index, 0x9e3779b1) >>> 13);
  for (let length = 800_000; length < 1_200_000; length += 40_000) {
    const member = new Uint8Array(length);
    member.set(noise);
    const members = Buffer.concat([zlib.gzipSync(member), zlib.gzipSync(data)]);
    const { readable, writable } = new DecompressorStream("gzip", { engine: "zlib", members: "multi" });
    const writer = writable.getWriter();
    writer.write(new Uint8Array(members)).catch(() => {});
    writer.close().catch(() => {});
    const reader = readable.getReader();
    let size = 0;
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      // zlib goes as far as it does unread; then all is read at once.
      for (let turn = 0; turn < 300 && size === 0; turn += 1) await new Promise(setImmediate);
      size += read.value.length;
    }
    expect(size).toBe(length + data.length);
  }
});
