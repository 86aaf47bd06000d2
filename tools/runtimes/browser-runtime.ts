import { access } from "node:fs/promises";
import type { Browser, BrowserType, LaunchOptions } from "playwright-core";
import { bundleSuites, PAGE, PAGES, writePage } from "./bundle-suites.ts";
import type { Report } from "./harness/report.ts";
import { NotHere } from "./not-here.ts";
import { childrenOf } from "./process-memory.ts";
import type { Runtime, Stage } from "./runtime.ts";
import { stampedFile } from "./stamped-file.ts";
import { LARGE_UPLOAD, type Suite } from "./suites.ts";

const TIMEOUT = 240_000;

type BrowserOptions = LaunchOptions & { executablePath: string };

/** A browser, and the process that all of its own come from. */
interface Driven {
  readonly browser: Browser;
  readonly pid: number;
}

/** A browser that the system has; `install-browsers` puts it there. */
export function browserRuntime(name: string, title: string, type: BrowserType, options: BrowserOptions): Runtime {
  return {
    name,
    title,
    async prepare(stage) {
      const driven = await launch(type, options);
      const { browser } = driven;
      return {
        version: browser.version(),
        reloads: true,
        run: (name, suites, report) => runInPage(driven, stage, name, suites, report),
        [Symbol.asyncDispose]: () => browser.close(),
      };
    },
  };
}

async function launch(type: BrowserType, options: BrowserOptions): Promise<Driven> {
  await access(options.executablePath).catch(() => {
    throw new NotHere(`${options.executablePath} is not installed; see tools/runtimes/install-browsers`);
  });
  // A browser that is launched as a server tells its process, but is sent the files that it is given, byte by byte.
  const before = await childrenOf(process.pid);
  const browser = await type.launch(options);
  const pid = (await childrenOf(process.pid)).find((child) => !before.includes(child)) ?? 0;
  return { browser, pid };
}

async function runInPage(
  { browser, pid }: Driven,
  stage: Stage,
  name: string,
  suites: readonly Suite[],
  report: Report,
) {
  const file = name.replaceAll(" ", "-");
  await bundleSuites(stage.project, suites, PAGE, `${PAGES}/${file}.js`);
  await writePage(stage.project, file);
  const page = await browser.newPage();
  const run = async (names: readonly string[]): Promise<void> => {
    await page.waitForFunction("globalThis.start");
    if (name === LARGE_UPLOAD) await page.setInputFiles("#file", (await stampedFile()).path);
    const started = page.evaluate(`start(${JSON.stringify({ host: stage.host, pid })}, ${JSON.stringify(names)})`);
    await Promise.race([
      started,
      new Promise((_, reject) => setTimeout(reject, TIMEOUT, new Error("it took too long")).unref()),
    ]);
  };
  try {
    page.setDefaultTimeout(TIMEOUT);
    await page.exposeFunction("tell", (message: string) => {
      report(JSON.parse(message));
    });
    await page.goto(`${stage.host}/${file}.html`);
    // A suite that is about what a reload leaves behind has a page of its own.
    const own = (each: Suite): boolean => each.name.endsWith("-reload");
    await run(suites.filter((suite) => !own(suite)).map(({ name }) => name));
    for (const suite of suites.filter(own)) {
      await page.reload();
      await run([suite.name]);
    }
  } catch (error) {
    report({ type: "stray", failure: (error as Error).message });
  } finally {
    await page.close();
  }
}
