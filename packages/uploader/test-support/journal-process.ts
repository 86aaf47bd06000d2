// Processes that use one folder of journals, for the tests that kill them; run as a program, it is one of them.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { fileJournal } from "../src/node/file-journal.ts";

const program = fileURLToPath(import.meta.url);

/** A folder that is gone after the block. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "journal-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

type Job = "append" | "hold" | "leave" | "race" | "contend" | "fail";

/** A process at work. */
export interface Worker {
  readonly child: ChildProcess;
  /** All that it wrote, when it has ended. */
  readonly output: Promise<string>;
  /** Resolves when it has written as many lines, or has ended. */
  said(lines: number): Promise<void>;
}

/** Starts a process that does one of the jobs below; `wrap` is put before its command line. */
export function startWorker(job: Job, args: readonly string[], wrap: readonly string[] = []): Worker {
  const [command = "", ...rest] = [...wrap, process.execPath, program, job, ...args];
  const child = spawn(command, rest, { stdio: ["pipe", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more) => {
    text += more;
  });
  const output = once(child, "close").then(() => text);
  return {
    child,
    output,
    async said(lines) {
      while (text.split("\n").length <= lines && child.stdout.readable) {
        await Promise.race([once(child.stdout, "data"), output]);
      }
    },
  };
}

const say = (text: string): void => void writeSync(1, `${text}\n`);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const jobs: Record<Job, (...args: string[]) => Promise<void>> = {
  /** Appends numbers, from where the journal ends, and says each when it is kept. */
  async append(folder = "") {
    const journal = fileJournal(folder);
    await using _lock = await journal.lock("key");
    const { length } = await journal.read("key");
    for (let index = length; ; index += 1) {
      await journal.append("key", { index, text: "x".repeat((index * 7_919) % 10_000) });
      say(String(index));
    }
  },
  /** Takes locks and keeps them. */
  async hold(folder = "", ...keys) {
    const journal = fileJournal(folder);
    await Promise.all(keys.map((key) => journal.lock(key)));
    say("held");
    await pause(600_000);
  },
  /** Takes the lock, and has nothing more to do. */
  async leave(folder = "") {
    await fileJournal(folder).lock("key");
    say("held");
  },
  /** Tries to lock each key that it is told, says how that went, and keeps what it got until it is told no more. */
  async race(folder = "") {
    const journal = fileJournal(folder);
    say("ready");
    for await (const key of createInterface(process.stdin)) {
      const lock = journal.lock(key);
      say(`${key} ${await lock.then(() => "won").catch(({ code }) => code)}`);
    }
  },
  /** Takes the lock again and again, and writes into a file when it has come and when it goes. */
  async contend(folder = "", log = "") {
    const journal = fileJournal(folder);
    say("ready");
    for (let turn = 0; ; turn += 1) {
      try {
        await using _lock = await journal.lock("key");
        appendFileSync(log, `in ${process.pid}\n`);
        await pause((turn * 31) % 7);
        appendFileSync(log, `out ${process.pid}\n`);
      } catch (error) {
        if (Object(error).code !== "locked") throw error;
        await pause(Math.random() * 3);
      }
    }
  },
  /** Says how an append fails, and what is there afterwards. */
  async fail(folder = "", size = "", user) {
    if (user !== undefined && process.getuid?.() === 0) process.setuid?.(Number(user));
    const journal = fileJournal(folder);
    const error = await journal.append("key", { text: "x".repeat(Number(size)) }).catch((reason) => reason);
    say(JSON.stringify({ message: error?.message, code: error?.code }));
    say(JSON.stringify(readdirSync(folder).map((name) => statSync(join(folder, name)).size)));
    await journal.append("key", { small: true }).catch(() => {});
    say(JSON.stringify(await journal.read("key")));
  },
};

if (import.meta.main) {
  const [job = "", ...args] = process.argv.slice(2);
  // Whoever started it may be gone before it is told to end, such as a test that ran out of time.
  if (["append", "hold", "contend"].includes(job)) process.stdin.on("end", () => process.exit()).resume();
  await jobs[job as Job](...args);
}
