import assert from "node:assert/strict";
import { once } from "node:events";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startWorker, temporaryFolder } from "./journal-process.ts";

/**
 * Lets processes contend for one lock, and kills one after the other, each followed by a new one. All write into one
 * file when they have the lock and before they give it back: no two may have it at once.
 *
 * @returns how many times it was taken.
 */
export async function contendAndKill(processes: number, kills: number): Promise<number> {
  using folder = temporaryFolder();
  using logs = temporaryFolder();
  const log = join(logs.path, "log");
  writeFileSync(log, "");
  const start = () => startWorker("contend", [folder.path, log]);
  const workers = Array.from({ length: processes }, start);
  await Promise.all(workers.map(({ said }) => said(1)));
  for (let kill = 0; kill <= kills; kill += 1) {
    await pause((kill * 7_919) % 60);
    // From here on nothing that this one says counts: it may still be at work, or be gone.
    const worker = workers.shift() as (typeof workers)[0];
    appendFileSync(log, `kill ${worker.child.pid}\n`);
    const exit = once(worker.child, "exit");
    worker.child.kill("SIGKILL");
    await exit;
    if (kill < kills) workers.push(start());
  }
  for (const { child } of workers) {
    appendFileSync(log, `kill ${child.pid}\n`);
    child.kill("SIGKILL");
  }
  await Promise.all(workers.map(({ output }) => output));
  return takenIn(readFileSync(log, "utf8"));
}

function takenIn(log: string): number {
  const killed = new Set<string>();
  let holder: string | undefined;
  let taken = 0;
  for (const [index, line] of log.split("\n").slice(0, -1).entries()) {
    const [what, pid = ""] = line.split(" ");
    if (what === "kill") {
      killed.add(pid);
      if (holder === pid) holder = undefined;
    }
    if (killed.has(pid)) continue;
    assert.equal(holder, what === "in" ? undefined : pid, `line ${index + 1}: ${line}, while ${holder} has the lock`);
    holder = what === "in" ? pid : undefined;
    taken += 1;
  }
  return taken / 2;
}
