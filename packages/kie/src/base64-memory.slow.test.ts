import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

// What the quickstart's own code cannot do, since a string ends near 512 MB. Sender and emulator are processes of their
// own, run from what was built.
const MIB = 1024 * 1024;
const size = 4096 * MIB;
const folder = mkdtempSync(join(tmpdir(), "sluice-kie-"));
const path = join(folder, "talk.mp4");
const processes: ChildProcess[] = [];
let sha256: string;

/** A sparse file with its own offset in it every MiB, so that bytes that change places are seen. */
beforeAll(() => {
  const file = openSync(path, "wx");
  ftruncateSync(file, size);
  const hash = createHash("sha256");
  const block = Buffer.alloc(MIB);
  for (let at = 0; at < size; at += MIB) {
    block.writeBigUInt64BE(BigInt(at));
    hash.update(block);
    writeSync(file, block, 0, 8, at);
  }
  closeSync(file);
  sha256 = hash.digest("hex");
}, 120_000);
afterAll(() => {
  for (const each of processes) each.kill();
  rmSync(folder, { recursive: true });
});

/** Runs a program; `said` is what it tells next. It ends with this process at the latest. */
function run(program: string): { child: ChildProcess; said: () => Promise<Record<string, unknown>> } {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  processes.push(child);
  const gone = once(child, "exit").then(([code]) => Promise.reject(new Error(`The process ended with ${code}`)));
  gone.catch(() => {});
  return { child, said: async () => (await Promise.race([once(child, "message"), gone]))[0] };
}

const at = (name: string) => JSON.stringify(fileURLToPath(import.meta.resolve(name)));
const peak = "process.resourceUsage().maxRSS * 1024";

test("base64 of 4 GiB takes at most 130 MB here and 150 MB there", { timeout: 600_000 }, async () => {
  const far = run(`
    import { startEmulator } from ${at("@sluice/emulator")};
    const emulator = await startEmulator();
    process.on("message", () => {
      const { sha256, size } = emulator.files.list().at(-1) ?? {};
      process.send({ sha256, size, peak: ${peak} });
    });
    process.once("disconnect", () => process.exit());
    process.send({ url: emulator.urls.kie });`);
  const { url } = await far.said();
  const near = run(`
    import { kie } from ${at("@sluice/kie")};
    import { file } from ${at("@sluice/source/node")};
    await using client = kie({ apiKey: "any-key", baseUrl: ${JSON.stringify(url)} });
    const { method, size } = await client.send(file(${JSON.stringify(path)}), { method: "base64", allowLarge: true });
    process.send({ method, size, peak: ${peak} });
    process.disconnect();`);
  const sent = await near.said();
  const asked = far.said();
  far.child.send("how much?");
  const stored = await asked;
  console.log(JSON.stringify({ sent, stored }));
  expect(sent).toMatchObject({ method: "base64", size });
  expect(stored).toMatchObject({ sha256, size });
  expect(sent["peak"]).toBeLessThanOrEqual(130e6);
  expect(stored["peak"]).toBeLessThanOrEqual(150e6);
});
