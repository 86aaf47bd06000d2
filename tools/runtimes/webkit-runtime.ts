import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { access } from "node:fs/promises";
import { createServer } from "node:net";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { execute } from "./execute.ts";
import { NotHere } from "./not-here.ts";
import { polledPage, type Remote } from "./polled-page.ts";
import { type Page, runInPage } from "./run-in-page.ts";
import type { Runtime } from "./runtime.ts";
import { webDriverPage } from "./web-driver.ts";

const DRIVER = "/usr/bin/WebKitWebDriver";
const SCREEN = "/usr/bin/Xvfb";

/** WebKitGTK's own small browser, under a screen that nobody sees: it has no mode without one. */
export function webkitRuntime(): Runtime {
  return {
    name: "webkit",
    title: "WebKitGTK",
    async prepare(stage) {
      const [binary] = globSync("/usr/lib/*/webkit2gtk-4.1/MiniBrowser");
      for (const file of [DRIVER, SCREEN, binary ?? "MiniBrowser of WebKitGTK 4.1"]) {
        await access(file).catch(() => {
          throw new NotHere(`${file} is not installed; see tools/runtimes/install-browsers`);
        });
      }
      const screen = spawn(SCREEN, ["-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"], {
        stdio: ["ignore", "ignore", "ignore", "pipe"],
      });
      const [display] = await once(screen.stdio[3] as Readable, "data");
      const env = {
        ...process.env,
        DISPLAY: `:${String(display).trim()}`,
        // Its sandbox cannot be made by root, who runs this in containers.
        WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
        // Shared memory, which tests of what is done with it make, is an option of the engine's.
        JSC_useSharedArrayBuffer: "1",
      };
      const [version = ""] = /[\d.]+/.exec(await execute(binary as string, ["--version"], { env })) ?? [];
      return {
        version,
        reloads: true,
        run: (name, suites, report) =>
          runInPage((tell) => openPage(binary as string, env, tell), stage, name, suites, report),
        [Symbol.asyncDispose]: () => end(screen),
      };
    },
  };
}

/** A driver has one session, so that every page has a driver, and a browser, of its own. */
async function openPage(binary: string, env: NodeJS.ProcessEnv, tell: (message: string) => void): Promise<Page> {
  const port = await freePort();
  const driver = spawn(DRIVER, ["--host=127.0.0.1", `--port=${port}`], { env, stdio: "ignore" });
  let remote: Remote;
  try {
    await listening(`http://127.0.0.1:${port}/status`);
    remote = await webDriverPage(`http://127.0.0.1:${port}`, {
      browserName: "MiniBrowser",
      "webkitgtk:browserOptions": { binary, args: ["--automation"] },
    });
  } catch (error) {
    await end(driver);
    throw error;
  }
  const page = polledPage(remote, driver.pid as number, tell);
  return {
    ...page,
    async [Symbol.asyncDispose]() {
      await Promise.resolve(page[Symbol.asyncDispose]()).catch(() => {});
      await end(driver);
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, "exit");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

async function listening(url: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await (await fetch(url)).body?.cancel();
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await delay(50);
    }
  }
}
