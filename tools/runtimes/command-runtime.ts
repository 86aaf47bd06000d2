import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import type { Report } from "./harness/report.ts";
import type { Stage } from "./runtime.ts";
import type { Suite } from "./suites.ts";
import { HARNESS, outputOf, SUITES } from "./translate-suites.ts";

const MARK = "\u0001";
/** No package's suites take that long; a runtime that hangs is ended. */
const TIMEOUT = 240_000;

/** Runs suites by a command that takes a program and its arguments; it resolves the packages itself. */
export async function runByCommand(
  command: readonly string[],
  { project, host }: Stage,
  suites: readonly Suite[],
  report: Report,
): Promise<void> {
  const [program, ...flags] = command as [string, ...string[]];
  const named = suites.map((suite) => {
    const url = pathToFileURL(join(project, SUITES, `${outputOf(suite)}.js`));
    return `${suite.name}=${url.href}`;
  });
  const child = spawn(program, [...flags, join(HARNESS, "command-main.js"), host, ...named], {
    cwd: project,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_OPTIONS: "", DENO_NO_UPDATE_CHECK: "1" },
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT);
  let printed = "";
  const keep = (text: string): void => {
    printed = `${printed}${text}\n`.slice(-4000);
  };
  let ended = false;
  createInterface(child.stdout).on("line", (line) => {
    if (!line.startsWith(MARK)) return keep(line);
    const message = JSON.parse(line.slice(MARK.length));
    ended ||= message.type === "end";
    report(message);
  });
  createInterface(child.stderr).on("line", keep);
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve([code, signal]));
  });
  clearTimeout(timer);
  if (!ended || code !== 0) report({ type: "stray", failure: `it ended with ${signal ?? code}\n${printed}` });
}
