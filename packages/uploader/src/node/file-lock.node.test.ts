import { execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { Worker as Thread } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { startWorker, temporaryFolder, type Worker } from "../../test-support/journal-process.ts";
import { LockedError } from "../locked-error.ts";
import { lightBeacon } from "./_beacon.ts";
import { type LockOwner, thisProcess } from "./_lock-owner.ts";
import { fileJournal } from "./file-journal.ts";

const LOCK = /\.lock$/;
const locksIn = (folder: string): string[] => readdirSync(folder).filter((name) => LOCK.test(name));
const lockIn = (folder: string): string => join(folder, locksIn(folder)[0] as string);

async function killed(worker: Worker): Promise<void> {
  await worker.said(1);
  const exit = once(worker.child, "exit");
  worker.child.kill("SIGKILL");
  await exit;
}

/** A lock, as someone else would have left it. */
async function leave(folder: string, changes: Partial<LockOwner>): Promise<string> {
  const name = basename(await nameOfLock());
  const owner = { id: randomUUID(), ...(await thisProcess()), since: new Date().toISOString(), ...changes };
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify(owner));
  return file;
}

async function nameOfLock(): Promise<string> {
  using folder = temporaryFolder();
  await using _lock = await fileJournal(folder.path).lock("key");
  return lockIn(folder.path);
}

describe("fileJournal", () => {
  test("names the process that holds the lock", async () => {
    using folder = temporaryFolder();
    const worker = startWorker("hold", [folder.path, "key"]);
    await worker.said(1);
    const error = await fileJournal(folder.path)
      .lock("key")
      .catch((reason) => reason);
    await killed(worker);
    expect(error).toBeInstanceOf(LockedError);
    expect(error).toMatchObject({ code: "locked", retryable: true, key: "key" });
    expect(error.holder).toEqual({
      pid: worker.child.pid,
      host: hostname(),
      since: expect.any(Date),
      file: lockIn(folder.path),
    });
    expect(error.message).toMatch(/^Cannot lock "key": process \d+ on .* holds it since \d{4}-.*Wait until it is done/);
  });

  test("gives the lock of a killed process to exactly one of those who want it", async () => {
    using folder = temporaryFolder();
    const keys = Array.from({ length: 12 }, (_, index) => `key-${index}`);
    await killed(startWorker("hold", [folder.path, ...keys]));
    expect(locksIn(folder.path).length).toBe(12);
    const workers = Array.from({ length: 5 }, () => startWorker("race", [folder.path]));
    await Promise.all(workers.map(({ said }) => said(1)));
    for (const { child } of workers) child.stdin?.write(`${keys.join("\n")}\n`);
    // None may end, and so give back what it got, before all have tried.
    await Promise.all(workers.map(({ said }) => said(1 + keys.length)));
    for (const { child } of workers) child.stdin?.end();
    const outcomes = (await Promise.all(workers.map(({ output }) => output))).join("").split("\n");
    for (const key of keys) {
      expect(outcomes.filter((line) => line === `${key} won`)).toEqual([`${key} won`]);
      expect(outcomes.filter((line) => line === `${key} locked`).length).toBe(4);
    }
  });

  test("does not keep a process that holds a lock from ending, and lets the next one have it", async () => {
    using folder = temporaryFolder();
    const worker = startWorker("leave", [folder.path]);
    expect(await worker.output).toBe("held\n");
    expect(worker.child.exitCode ?? (await once(worker.child, "exit"))[0]).toBe(0);
    {
      await using _lock = await fileJournal(folder.path).lock("key");
      await fileJournal(folder.path).read("key");
    }
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("frees what a worker held that is no more, while its process lives", async () => {
    using folder = temporaryFolder();
    const module = JSON.stringify(new URL("./file-journal.ts", import.meta.url).href);
    const code = `import(${module}).then(async ({ fileJournal }) => {
      await fileJournal(${JSON.stringify(folder.path)}).lock("key");
      require("node:worker_threads").parentPort.on("message", () => {}).postMessage("held");
    });`;
    const worker = new Thread(code, { eval: true });
    await once(worker, "message");
    await expect(fileJournal(folder.path).lock("key")).rejects.toMatchObject({ code: "locked" });
    await worker.terminate();
    await (await fileJournal(folder.path).lock("key"))[Symbol.asyncDispose]();
    expect(readdirSync(folder.path)).toEqual([]);
  });

  const other = { boot: "another", host: `not-${hostname()}` };
  const linux = process.platform === "linux";
  const cases: [string, "taken" | "honoured", Partial<LockOwner>][] = [
    ["this process", "honoured", {}],
    ["a process that is not there", "taken", { pid: 2 ** 22 + 1 }],
    ["a process of another user", "honoured", { pid: 1, started: undefined as never }],
    ["another machine", "honoured", other],
    ["this machine before it was started anew", linux ? "taken" : "honoured", { boot: "another" }],
    ["a process in another container", "honoured", { space: "pid:[1]", pid: 2 ** 22 + 1 }],
  ];
  if (linux) cases.push(["a process whose number was used again", "taken", { started: "1" }]);

  test.each(cases)("the lock of %s is %s", async (_, expected, changes) => {
    using folder = temporaryFolder();
    const file = await leave(folder.path, changes);
    const lock = fileJournal(folder.path).lock("key");
    if (expected === "taken") await (await lock)[Symbol.asyncDispose]();
    else await expect(lock).rejects.toMatchObject({ code: "locked", holder: { file } });
    expect(existsSync(file)).toBe(expected === "honoured");
  });

  test.runIf(linux)("the lock of a process that was killed, and is not buried yet, is taken", async () => {
    using folder = temporaryFolder();
    // The shell becomes a program that does not ask what became of its child.
    const parent = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 60"]);
    const [pid] = await once(parent.stdout, "data");
    while (!/\) Z /.test(readFileSync(`/proc/${Number(pid)}/stat`, "utf8"))) await setImmediate();
    await leave(folder.path, { pid: Number(pid), started: undefined as never });
    const lock = await fileJournal(folder.path).lock("key");
    parent.kill();
    await lock[Symbol.asyncDispose]();
  });

  test("believes the socket of a process that it cannot see", async () => {
    using folder = temporaryFolder();
    const beacon = await lightBeacon(folder.path);
    const file = await leave(folder.path, { space: "pid:[1]", beacon: beacon?.name as string });
    await expect(fileJournal(folder.path).lock("key")).rejects.toMatchObject({ code: "locked" });
    await beacon?.close();
    // Without the socket there is nothing to believe.
    await expect(fileJournal(folder.path).lock("key")).rejects.toMatchObject({ code: "locked" });
    const dead = startWorker("hold", [folder.path, "key"]);
    writeFileSync(file, "");
    utimesSync(file, 1, 1);
    await killed(dead);
    const { beacon: left } = JSON.parse(readFileSync(file, "utf8"));
    await leave(folder.path, { space: "pid:[1]", beacon: left });
    await (await fileJournal(folder.path).lock("key"))[Symbol.asyncDispose]();
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("waits for a lock that is being written, and takes one that a loss of power left empty", async () => {
    using folder = temporaryFolder();
    const file = await leave(folder.path, {});
    for (const text of ["", "\0\0\0", '{"id":"../../x","pid":-1}', "null"]) {
      writeFileSync(file, text);
      await expect(fileJournal(folder.path).lock("key")).rejects.toMatchObject({ code: "locked", holder: { file } });
      utimesSync(file, 1, 1);
      await (await fileJournal(folder.path).lock("key"))[Symbol.asyncDispose]();
      expect(readdirSync(folder.path)).toEqual([]);
    }
  });

  test("succeeds one that died while it succeeded another", async () => {
    using folder = temporaryFolder();
    const gone = { pid: 2 ** 22 + 1 };
    const file = await leave(folder.path, gone);
    for (let depth = 0, place = file; depth < 3; depth += 1) {
      const { id } = JSON.parse(readFileSync(place, "utf8"));
      place = `${file}.${id}`;
      writeFileSync(place, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), id: randomUUID() }));
    }
    await (await fileJournal(folder.path).lock("key"))[Symbol.asyncDispose]();
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("leaves a lock alone that someone removed by hand and someone else took", async () => {
    using folder = temporaryFolder();
    const lock = await fileJournal(folder.path).lock("key");
    const file = await leave(folder.path, {});
    await lock[Symbol.asyncDispose]();
    expect(existsSync(file)).toBe(true);
  });

  // A container, as far as numbers of processes go. It takes root.
  test.runIf(linux && process.getuid?.() === 0 && canUnshare())(
    "sees from one container whether a process in another lives",
    async () => {
      using folder = temporaryFolder();
      const wrap = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];
      const worker = startWorker("hold", [folder.path, "key"], wrap);
      await worker.said(1);
      expect(JSON.parse(readFileSync(lockIn(folder.path), "utf8"))).toMatchObject({ pid: 1 });
      await expect(fileJournal(folder.path).lock("key")).rejects.toMatchObject({ code: "locked" });
      const tryFromAnother = (): Promise<string> => {
        const { child, output } = startWorker("race", [folder.path], wrap);
        child.stdin?.end("key\n");
        return output;
      };
      expect(await tryFromAnother()).toBe("ready\nkey locked\n");
      await killed(worker);
      await worker.output;
      // The next one ends without giving it back, too, but in an orderly way.
      expect(await tryFromAnother()).toBe("ready\nkey won\n");
      expect(await tryFromAnother()).toBe("ready\nkey won\n");
    },
  );
});

function canUnshare(): boolean {
  try {
    execFileSync("sh", ["-c", "unshare --pid --fork --mount-proc true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
