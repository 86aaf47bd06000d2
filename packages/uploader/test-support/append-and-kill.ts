import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { fileJournal } from "../src/node/file-journal.ts";
import { startWorker, temporaryFolder } from "./journal-process.ts";

/**
 * Has one process after the other append to a journal, and kills each at a moment of its own. After each, all that was
 * said to be kept must be there, in order, with one more at most, and the lock must be free.
 *
 * @returns how many entries there are in the end.
 */
export async function appendAndKill(times: number, seed: number): Promise<number> {
  using folder = temporaryFolder();
  const journal = fileJournal(folder.path);
  let kept = 0;
  for (let time = 0; time < times; time += 1) {
    const worker = startWorker("append", [folder.path]);
    await worker.said(1);
    await pause(((time + seed) * 7_919) % 41);
    const exit = once(worker.child, "exit");
    worker.child.kill("SIGKILL");
    await exit;
    const said = (await worker.output).split("\n").slice(0, -1).map(Number);
    assert.equal(said[0], kept, "begins where the one before ended");
    const entries = await journal.read("key", ({ reason }) => assert.equal(reason, "torn"));
    const last = said.at(-1) as number;
    assert.ok(entries.length === last + 1 || entries.length === last + 2, `${entries.length} entries after ${last}`);
    for (const [place, { index, text }] of entries.entries()) {
      assert.deepEqual([index, String(text).length], [place, (place * 7_919) % 10_000]);
    }
    kept = entries.length;
    await (await journal.lock("key"))[Symbol.asyncDispose]();
    assert.equal(readdirSync(folder.path).length, 1, "nothing else is left");
  }
  return kept;
}
