import { execFile } from "node:child_process";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { createGzip } from "node:zlib";
import { describe, expect, test } from "vitest";
import { nativeIsStrict } from "./native-classes.ts";

const MIB = 1 << 20;

/**
 * Runs in a process of its own, with the flags that Node has by default: reads a bomb with a pause after every MiB, and
 * prints by how much resident memory grew at most.
 */
const child = `
  import { buffer } from "node:stream/consumers";
  import { setTimeout } from "node:timers/promises";
  import { gzipSync } from "node:zlib";
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
  const bomb = await buffer(process.stdin);
  // What is loaded and compiled is to be there before, but not the memory of what was read: 4 MiB are half of what may lie.
  for (let times = 0; times < 4; times += 1) await read(gzipSync(new Uint8Array(${MIB})), () => setTimeout(1));
  const before = process.memoryUsage.rss();
  let peak = before;
  const size = await read(bomb, async () => {
    peak = Math.max(peak, process.memoryUsage.rss());
    await setTimeout(1);
  });
  console.log(JSON.stringify({ size, growth: peak - before }));
`;

/** A bomb that begins like any other file, so that nothing can be learnt from its first bytes. */
function makeBomb(size: number): Promise<Buffer> {
  const head = new Uint8Array(2 * MIB);
  for (let at = 0; at < head.length; at += 1) head[at] = Math.imul(at, 0x9e3779b1) >>> 26;
  const zeros = new Uint8Array(MIB);
  function* content() {
    yield head;
    for (let at = head.length; at < size; at += MIB) yield zeros;
  }
  return buffer(Readable.from(content()).pipe(createGzip()));
}

// Node 22 has a class that DecompressorStream does not trust.
const strict = await nativeIsStrict(DecompressionStream);
const engines = ["zlib", "native", "fflate"].filter((engine) => engine !== "native" || strict);

// Tried again, because V8's collector comes late on a machine that is busy.
const options = { timeout: 180_000, retry: 2 };

describe.each([256, 1536])("a bomb of 1000:1, %i MiB", async (mebibytes) => {
  const bomb = await makeBomb(mebibytes * MIB);

  test.each(engines)("read slowly by %s stays under 16 MiB", options, async (engine) => {
    const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", child, engine], {
      cwd: new URL("..", import.meta.url),
    });
    run.child.stdin?.end(bomb);
    const { size, growth } = JSON.parse((await run).stdout);
    expect(size).toBe(mebibytes * MIB);
    expect(growth / MIB).toBeLessThan(16);
  });
});
