import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { bundleSuites, WORKER } from "./bundle-suites.ts";
import { execute } from "./execute.ts";
import type { Report } from "./harness/report.ts";
import { npmFolder } from "./npm-folder.ts";
import type { Runtime, Stage } from "./runtime.ts";
import type { Suite } from "./suites.ts";
import { COMPATIBILITY_DATE } from "./versions.ts";

/** The folder of a project in which its workers lie. */
const WORKERS = "workers";
const TIMEOUT = 240_000;

/** Cloudflare's runtime itself, without the tools around it. */
export function workerdRuntime(version: string): Runtime {
  return {
    name: "workerd",
    title: "workerd",
    async prepare(stage) {
      const folder = await npmFolder(`workerd-${version}`, { dependencies: { workerd: version } });
      // The package's own wrapper is a script that starts it; the process whose memory is looked at is this one.
      const find = 'import w from "workerd"; console.log(w.default ?? w)';
      const binary = (await execute(process.execPath, ["--input-type=module", "-e", find], { cwd: folder })).trim();
      return {
        version,
        run: (name, suites, report) => runInWorker(binary, stage, name, suites, report),
        async [Symbol.asyncDispose]() {},
      };
    },
  };
}

async function runInWorker(binary: string, stage: Stage, name: string, suites: readonly Suite[], report: Report) {
  const file = name.replaceAll(" ", "-");
  const wasm = await bundleSuites(stage.project, suites, WORKER, `${WORKERS}/${file}.js`);
  const config = join(stage.project, WORKERS, `${file}.capnp`);
  await writeFile(config, configOf(file, wasm));
  const child = spawn(binary, ["serve", config, "--control-fd=3"], { stdio: ["ignore", "pipe", "pipe", "pipe"] });
  const closed = once(child, "close");
  const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT);
  let printed = "";
  for (const output of [child.stdout, child.stderr]) {
    output?.on("data", (data) => {
      printed = (printed + data).slice(-4000);
    });
  }
  try {
    const port = await Promise.race([portOf(child.stdio[3] as Readable), closed.then(() => undefined)]);
    if (port === undefined) throw new Error("it did not start");
    const body = JSON.stringify({ host: stage.host, pid: child.pid });
    const reply = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body });
    const lines = createInterface(Readable.fromWeb(reply.body as import("node:stream/web").ReadableStream));
    for await (const line of lines) report(JSON.parse(line));
  } catch (error) {
    report({ type: "stray", failure: `${(error as Error).message}\n${printed}` });
  } finally {
    clearTimeout(timer);
    child.kill("SIGKILL");
    await closed;
  }
}

/** It says on this stream which port it was given. */
async function portOf(control: Readable): Promise<number | undefined> {
  for await (const line of createInterface(control)) {
    const { event, port } = JSON.parse(line) as { event: string; port: number };
    if (event === "listen") return port;
  }
  return undefined;
}

function configOf(name: string, wasm: readonly string[]): string {
  const modules = [
    `(name = "worker", esModule = embed "${name}.js")`,
    ...wasm.map((file) => `(name = "${file}", wasm = embed "${file}")`),
  ];
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [${modules.join(", ")}],
  compatibilityDate = "${COMPATIBILITY_DATE}",
);
`;
}
