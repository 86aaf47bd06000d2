// Runs folders of the web-platform-tests against our classes in place of the platform's:
//   WPT_DIR=<a checkout of web-platform-tests> npm run wpt -- <replacement> <folder of .any.js> …
// The tests are not part of this repository. Each file gets a process of its own; `wpt/<replacement>.ts` says what is
// replaced and which subtests are expected to fail, with the reason; one that passes after all fails the run.
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Subtest {
  readonly name: string;
  readonly status: number;
  readonly message: string | null;
}

/** A replacement module exports these two. */
export interface Replacement {
  install(): void;
  readonly expectedFailures: Readonly<Record<string, string>>;
}

const TIMEOUT = 30_000;
const root = process.env["WPT_DIR"];
const [replacement, ...folders] = process.argv.slice(2);
if (!root || !replacement || folders.length === 0) {
  console.error("usage: WPT_DIR=<web-platform-tests> npm run wpt -- <replacement> <folder> …");
  process.exit(2);
}

const { expectedFailures } = (await import(`./${replacement}.ts`)) as Replacement;
let passed = 0;
let failed = 0;
let expected = 0;
for (const folder of folders) {
  for (const file of readdirSync(join(root, folder)).filter((name) => name.endsWith(".any.js"))) {
    const path = join(folder, file);
    const { subtests, error } = await runFile(path);
    if (error) {
      failed += 1;
      console.log(`FAIL ${path}: ${error}`);
    }
    for (const { name, status, message } of subtests) {
      const id = `${path}: ${name}`;
      const excuse = expectedFailures[id];
      if (status === 0 && excuse === undefined) passed += 1;
      else if (status !== 0 && excuse !== undefined) expected += 1;
      else {
        failed += 1;
        console.log(status === 0 ? `PASS, but expected to fail: ${id}` : `FAIL ${id}\n     ${message}`);
      }
    }
  }
}
console.log(`${passed} passed, ${failed} failed, ${expected} skipped`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function runFile(path: string): Promise<{ subtests: Subtest[]; error?: string }> {
  return new Promise((resolve) => {
    const runner = fileURLToPath(new URL("./run-file.ts", import.meta.url));
    const child = spawn(process.execPath, [runner, root as string, path, replacement as string], {
      stdio: ["ignore", "inherit", "pipe", "ipc"],
    });
    let subtests: Subtest[] | undefined;
    let stderr = "";
    child.stderr?.on("data", (data) => {
      stderr += data;
    });
    child.on("message", (message) => {
      subtests = message as Subtest[];
    });
    const timer = setTimeout(() => child.kill(), TIMEOUT);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (subtests === undefined)
        resolve({ subtests: [], error: `no result (${signal ?? code}) ${stderr.slice(0, 2000)}` });
      else resolve(code === 0 ? { subtests } : { subtests, error: `exit ${code}: ${stderr.slice(0, 2000)}` });
    });
  });
}
