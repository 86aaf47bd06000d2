import { access } from "node:fs/promises";
import { type Browser, chromium } from "playwright-core";
import { NotHere } from "./not-here.ts";
import { childrenOf } from "./process-memory.ts";
import { PAGE_TIMEOUT, type Page, runInPage } from "./run-in-page.ts";
import type { Runtime } from "./runtime.ts";

const CHROMIUM = "/usr/bin/chromium";

/** A browser, and the process that all of its own come from. */
interface Driven {
  readonly browser: Browser;
  readonly pid: number;
}

/** Chromium, driven by Playwright. */
export function chromiumRuntime(): Runtime {
  return {
    name: "chromium",
    title: "Chromium",
    async prepare(stage) {
      const driven = await launch();
      return {
        version: driven.browser.version(),
        reloads: true,
        run: (name, suites, report) => runInPage((tell) => openPage(driven, tell), stage, name, suites, report),
        [Symbol.asyncDispose]: () => driven.browser.close(),
      };
    },
  };
}

async function launch(): Promise<Driven> {
  await access(CHROMIUM).catch(() => {
    throw new NotHere(`${CHROMIUM} is not installed; see tools/runtimes/install-browsers`);
  });
  // A browser that is launched as a server tells its process, but is sent the files that it is given, byte by byte.
  const before = await childrenOf(process.pid);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  const pid = (await childrenOf(process.pid)).find((child) => !before.includes(child)) ?? 0;
  return { browser, pid };
}

async function openPage({ browser, pid }: Driven, tell: (message: string) => void): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PAGE_TIMEOUT);
  await page.exposeFunction("tell", tell);
  return {
    pid,
    open: async (url) => void (await page.goto(url)),
    reload: async () => void (await page.reload()),
    pick: (path) => page.setInputFiles("#file", path),
    waitFor: async (expression) => void (await page.waitForFunction(expression)),
    evaluate: (expression) => page.evaluate(expression),
    [Symbol.asyncDispose]: () => page.close(),
  };
}
