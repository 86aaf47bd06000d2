import { bundleSuites, PAGE, PAGES, writePage } from "./bundle-suites.ts";
import type { Report } from "./harness/report.ts";
import type { Stage } from "./runtime.ts";
import { stampedFile } from "./stamped-file.ts";
import { LARGE_UPLOAD, type Suite } from "./suites.ts";

/** How long a page may take to do what it is asked for. */
export const PAGE_TIMEOUT = 240_000;

/** A page, however its browser is driven. */
export interface Page extends AsyncDisposable {
  /** The process that all of the browser's own come from. */
  readonly pid: number;
  open(url: string): Promise<void>;
  reload(): Promise<void>;
  /** Gives the page's input a file of this machine, as a person would. */
  pick(path: string): Promise<void>;
  /** Waits until an expression is something. */
  waitFor(expression: string): Promise<void>;
  /** Waits for an expression's promise. */
  evaluate(expression: string): Promise<void>;
}

/**
 * Runs suites in a page of their own.
 *
 * @param openPage opens an empty one, in which `tell` is a function whose argument is told here
 */
export async function runInPage(
  openPage: (tell: (message: string) => void) => Promise<Page>,
  stage: Stage,
  name: string,
  suites: readonly Suite[],
  report: Report,
): Promise<void> {
  const file = name.replaceAll(" ", "-");
  await bundleSuites(stage.project, suites, PAGE, `${PAGES}/${file}.js`);
  await writePage(stage.project, file);
  try {
    await using page = await openPage((message) => report(JSON.parse(message)));
    const run = async (names: readonly string[]): Promise<void> => {
      await page.waitFor("globalThis.start");
      if (name === LARGE_UPLOAD) await page.pick((await stampedFile()).path);
      const beside = JSON.stringify({ host: stage.host, pid: page.pid });
      await Promise.race([
        page.evaluate(`start(${beside}, ${JSON.stringify(names)})`),
        new Promise((_, reject) => setTimeout(reject, PAGE_TIMEOUT, new Error("it took too long")).unref()),
      ]);
    };
    await page.open(`${stage.host}/${file}.html`);
    // A suite that is about what a reload leaves behind has a page of its own.
    const own = (each: Suite): boolean => each.name.endsWith("-reload");
    await run(suites.filter((suite) => !own(suite)).map(({ name }) => name));
    for (const suite of suites.filter(own)) {
      await page.reload();
      await run([suite.name]);
    }
  } catch (error) {
    report({ type: "stray", failure: (error as Error).message });
  }
}
