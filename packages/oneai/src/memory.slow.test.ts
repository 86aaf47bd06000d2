import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

// Each side as a process of its own, from its build, as users have it: what 4 GiB cost.
const MEBIBYTE = 1024 * 1024;
const SIZE = 4 * 1024 * MEBIBYTE;
const folder = mkdtempSync(join(tmpdir(), "sluice-oneai-"));
const path = join(folder, "talk.wav");
const children: ChildProcess[] = [];
let sha256 = "";

beforeAll(() => {
  const file = openSync(path, "wx");
  ftruncateSync(file, SIZE);
  const stamp = Buffer.alloc(8);
  for (let at = 0; at < SIZE; at += MEBIBYTE) {
    stamp.writeBigUInt64LE(BigInt(at + 1));
    writeSync(file, stamp, 0, stamp.length, at);
  }
  closeSync(file);
  const hash = createHash("sha256");
  const block = Buffer.alloc(MEBIBYTE);
  const reading = openSync(path, "r");
  while (readSync(reading, block) > 0) hash.update(block);
  closeSync(reading);
  sha256 = hash.digest("hex");
}, 120_000);
afterAll(() => {
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true });
});

const builtOf = (name: string) => JSON.stringify(fileURLToPath(import.meta.resolve(name)));

/** Runs a program, and gives what it says first. */
async function start(program: string): Promise<{ child: ChildProcess; said: unknown }> {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  children.push(child);
  const [said] = await once(child, "message");
  return { child, said };
}

/** Sends the file, and tells the most memory that either side had. */
async function measure(options: string): Promise<{ sender: number; emulator: number; saw: string; seconds: number }> {
  const far = await start(`
    import { startEmulator } from ${builtOf("@sluice/emulator")};
    const emulator = await startEmulator();
    process.on("message", () => process.send(process.resourceUsage().maxRSS * 1024));
    process.once("disconnect", () => emulator.close());
    process.send(emulator.urls.oneai);`);
  const began = performance.now();
  const near = await start(`
    import { oneai } from ${builtOf("@sluice/oneai")};
    import { file } from ${builtOf("@sluice/source/node")};
    await using client = oneai({ apiKey: "any", baseUrl: ${JSON.stringify(far.said)} });
    const { output } = await client.run(["transcribe"], file(${JSON.stringify(path)}), ${options});
    process.send({ text: output[0].text, memory: process.resourceUsage().maxRSS * 1024 });
    process.disconnect();`);
  const { text, memory } = near.said as { text: string; memory: number };
  const seconds = (performance.now() - began) / 1000;
  const answered = once(far.child, "message");
  far.child.send("memory");
  const [emulator] = await answered;
  far.child.disconnect();
  return { sender: memory, emulator, saw: JSON.parse(text).sha256, seconds };
}

test.each([
  ["as it is", 115, "{}"],
  ["inside of JSON, as base64", 130, '{ mode: "sync" }'],
])(
  "4 GiB %s: the sender stays under %i MB, the emulator under 150",
  { timeout: 600_000 },
  async (way, most, options) => {
    const { sender, emulator, saw, seconds } = await measure(options);
    const megabytes = (bytes: number) => Math.round(bytes / 1e6);
    console.log(`${way}: sender ${megabytes(sender)} MB, emulator ${megabytes(emulator)} MB, ${Math.round(seconds)} s`);
    expect(saw).toBe(sha256);
    expect(sender).toBeLessThanOrEqual(most * 1e6);
    expect(emulator).toBeLessThanOrEqual(150e6);
  },
);
