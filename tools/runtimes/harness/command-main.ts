// The program that Node, Deno and Bun run: `<host> <suite>=<URL> …`. Each message is a line of its own.
import { ask, type LargeFile, setBeside } from "./beside.ts";
import { runSuites } from "./run-suites.ts";

/** What tells a message from what a suite prints. */
const MARK = "\u0001";

const { argv, pid, exit } = (globalThis as unknown as { process: { argv: string[]; pid: number; exit(): never } })
  .process;
const [host, ...named] = argv.slice(2) as [string, ...string[]];
setBeside({ host, pid }, async () => {
  const { fileSource } = await import("@sluice/source/node");
  return fileSource((await ask<LargeFile>("/large-file")).path);
});
// A test that waits for what never comes is to fail by its time, not to end the process.
setInterval(() => {}, 60_000);
const suites = named.map((text) => text.split("=", 2) as [name: string, url: string]);
await runSuites(Object.fromEntries(suites.map(([name, url]) => [name, () => import(url)])), (message) =>
  console.log(MARK + JSON.stringify(message)),
);
exit();
