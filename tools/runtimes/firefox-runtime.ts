import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { NotHere } from "./not-here.ts";
import { polledPage } from "./polled-page.ts";
import { runInPage } from "./run-in-page.ts";
import type { Runtime } from "./runtime.ts";
import { bidiBrowser } from "./web-driver-bidi.ts";

const FIREFOX = "/usr/bin/firefox-esr";

/** Timers of a page that works hard are held back otherwise: 10,000 tasks in virtual time took over a minute. */
const PREFERENCES = `
user_pref("dom.timeout.enable_budget_timer_throttling", false);
user_pref("dom.min_background_timeout_value", 4);
user_pref("dom.min_background_timeout_value_without_budget_throttling", 4);
`;

/**
 * Firefox, driven without Playwright: that asks to be told of requests, and a Firefox that tells of them keeps the body
 * of each as a text of its own, 1.1 GiB for an upload of one.
 */
export function firefoxRuntime(): Runtime {
  return {
    name: "firefox",
    title: "Firefox",
    async prepare(stage) {
      await access(FIREFOX).catch(() => {
        throw new NotHere(`${FIREFOX} is not installed; see tools/runtimes/install-browsers`);
      });
      const profile = await mkdtemp(join(tmpdir(), "sluice-firefox-"));
      await writeFile(join(profile, "user.js"), PREFERENCES);
      const flags = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"];
      const child = spawn(FIREFOX, flags, { stdio: ["ignore", "ignore", "pipe"] });
      const exited = once(child, "exit");
      const browser = await bidiBrowser(await addressOf(child.stderr));
      return {
        version: browser.version,
        reloads: true,
        run: (name, suites, report) =>
          runInPage(
            async (tell) => polledPage(await browser.openPage(), child.pid as number, tell),
            stage,
            name,
            suites,
            report,
          ),
        async [Symbol.asyncDispose]() {
          await browser[Symbol.asyncDispose]();
          await exited;
          await rm(profile, { recursive: true, force: true });
        },
      };
    },
  };
}

async function addressOf(output: Readable): Promise<string> {
  const lines = createInterface(output);
  for await (const line of lines) {
    const [, address] = /listening on (ws:\S+)/.exec(line) ?? [];
    if (address === undefined) continue;
    output.resume();
    return address;
  }
  throw new Error("Firefox did not say where it listens");
}
