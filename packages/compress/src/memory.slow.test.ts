import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { nativeIsStrict } from "./native-classes.ts";

const MIB = 1 << 20;
const SIZE = 48 * MIB;

/**
 * Runs in a process of its own: reads a bomb with a pause after every MiB, and prints by how much resident memory grew. What
 * has been read is collected at each pause, because V8 lets 32 MiB of it gather otherwise, whatever made it.
 */
const child = `
  import { gzipSync } from "node:zlib";
  import { setTimeout } from "node:timers/promises";
  import { DecompressorStream } from "@sluice/compress";

  const engine = process.argv[1];
  async function read(bomb, each) {
    const { readable, writable } = new DecompressorStream("gzip", { engine });
    const writer = writable.getWriter();
    writer.write(bomb).catch(() => {});
    writer.close().catch(() => {});
    let size = 0;
    const reader = readable.getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      if (Math.floor(size / ${MIB}) !== Math.floor((size += read.value.length) / ${MIB})) await each();
    }
    return size;
  }
  const content = new Uint8Array(${SIZE});
  // A bomb that begins like any other file, so that nothing can be learnt from its first bytes.
  for (let at = 0; at < ${2 * MIB}; at += 1) content[at] = Math.imul(at, 0x9e3779b1) >>> 26;
  const bomb = new Uint8Array(gzipSync(content));
  await read(new Uint8Array(gzipSync(new Uint8Array(${8 * MIB}))), () => setTimeout(0));
  gc();
  await setTimeout(50);
  gc();
  const before = process.memoryUsage.rss();
  let peak = before;
  const size = await read(bomb, async () => {
    peak = Math.max(peak, process.memoryUsage.rss());
    gc();
    await setTimeout(1);
  });
  console.log(JSON.stringify({ size, growth: peak - before }));
`;

// Node 22 has a class that DecompressorStream does not trust.
const strict = await nativeIsStrict(DecompressionStream);
const engines = ["zlib", "native", "fflate"].filter((engine) => engine !== "native" || strict);

test.each(engines)("a bomb of 1000:1 read slowly by %s stays under 16 MiB", { timeout: 60_000 }, async (engine) => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--expose-gc", "--input-type=module", "-e", child, engine],
    { cwd: new URL("..", import.meta.url) },
  );
  const { size, growth } = JSON.parse(stdout);
  expect(size).toBe(SIZE);
  expect(growth / MIB).toBeLessThan(16);
});
