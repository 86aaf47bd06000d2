import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator } from "@sluice/emulator";
import { expect, test } from "vitest";

const KILLS = Number(process.env["KILLS"] ?? 1);
const PART = 256 * 1024;
const CONCURRENCY = 4;
const SIZE = 24 * PART - 1_234;

test(`killed at random moments (${KILLS}) and run again, an upload is right, and sends again what was in flight at most`, async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-kill-"));
  const path = join(folder, "talk.mp4");
  const resent: number[] = [];
  let [resumed, restarted] = [0, 0];
  for (let round = 0; round < KILLS; round += 1) {
    // Random, so that no two parts are alike.
    const bytes = randomBytes(SIZE);
    writeFileSync(path, bytes);
    // Slow enough for a kill to fall between the first byte and the last.
    const emulator = await startEmulator({
      faults: [{ match: { route: "uploads.parts.create" }, do: { slowTo: 2_500_000 } }],
    });
    const journal = join(folder, `journal-${round}`);
    const run = (killAfter?: number) => uploadProcess(emulator.urls.openai, path, journal, killAfter);
    const [killed] = await run(150 + Math.random() * 900);
    const created = emulator.uploads.list().length;
    const [code, events] = killed === 0 ? [0, []] : await run();
    expect(code).toBe(0);
    const uploads = emulator.uploads.list();
    const completed = uploads.filter(({ status }) => status === "completed");
    expect(completed.length).toBe(1);
    const [stored] = emulator.files.list();
    expect(stored?.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
    if (killed !== 0) {
      // What the dead process had created before it could write it down is nobody's; what it had written down is gone on with.
      if (events.some(({ type }) => type === "resume")) {
        resumed += 1;
        expect(uploads.length).toBe(created);
        const again = arrivedBytes(uploads) - SIZE;
        resent.push(again);
        expect(again).toBeLessThanOrEqual(CONCURRENCY * PART);
      } else restarted += 1;
    }
    await emulator.close();
  }
  rmSync(folder, { recursive: true });
  if (KILLS > 10) console.log(JSON.stringify({ kills: KILLS, resumed, restarted, mostSentAgain: Math.max(...resent) }));
  if (KILLS > 10) expect(resumed).toBeGreaterThan(KILLS / 2);
}, 600_000);

/** Bytes of parts that arrived whole, those that nobody refers to included. */
function arrivedBytes(uploads: readonly { readonly parts: readonly { readonly size: number }[] }[]): number {
  return uploads.flatMap(({ parts }) => parts).reduce((sum, { size }) => sum + size, 0);
}

async function uploadProcess(
  baseUrl: string,
  path: string,
  journal: string,
  killAfter?: number,
): Promise<[code: number | null, events: { type: string }[]]> {
  const script = join(import.meta.dirname, "../test-support/upload-process.ts");
  const child = spawn(process.execPath, [script, baseUrl, path, journal, String(PART), String(CONCURRENCY)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  // A moment at random is what is tested.
  if (killAfter !== undefined) setTimeout(() => child.kill("SIGKILL"), killAfter);
  const [code] = (await once(child, "close")) as [number | null];
  const lines = output.trim().split("\n").filter(Boolean);
  return [code, lines.map((line) => JSON.parse(line) as { type: string })];
}
