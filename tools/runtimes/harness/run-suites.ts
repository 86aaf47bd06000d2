import { startTests, type Test, type VitestRunner, type VitestRunnerConfig } from "@vitest/runner";
import fc from "fast-check";
import { describeFailure, type Report } from "./report.ts";
import { watchStrays } from "./watch-strays.ts";

/** Suites by name, each with what loads it. */
export type Suites = Readonly<Record<string, () => Promise<unknown>>>;

const CONFIG: VitestRunnerConfig = {
  root: "",
  setupFiles: [],
  name: undefined,
  passWithNoTests: false,
  testNamePattern: undefined,
  allowOnly: false,
  sequence: { seed: 1, hooks: "stack", setupFiles: "list" },
  chaiConfig: undefined,
  maxConcurrency: 5,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  retry: 0,
  includeTaskLocation: undefined,
  tags: [],
  tagsFilter: undefined,
  strictTags: false,
};
/** Every runtime is given the same cases, in every run: what differs is the runtime. */
const SEED = 20_261_121;
/** How long a promise that nobody handles may take to be noticed, once the last test has ended. */
const GRACE = 50;

/** Runs suites one after the other, and reports each test as it ends. */
export async function runSuites(suites: Suites, report: Report): Promise<void> {
  watchStrays((error) => report({ type: "stray", failure: describeFailure(error) }));
  fc.configureGlobal({ seed: SEED });
  const runner: VitestRunner = {
    config: CONFIG,
    importFile: (name) => suites[name]?.(),
    onAfterRunTask: (test) => report({ type: "test", ...outcomeOf(test) }),
  };
  for (const suite of Object.keys(suites)) {
    const [file] = await startTests([suite], runner);
    // A file's own failure: it could not be loaded, or holds no test. Those of its tests have been reported.
    for (const error of file?.result?.errors ?? []) {
      report({ type: "stray", failure: `${suite}: ${describeFailure(error)}` });
    }
  }
  await new Promise((resolve) => setTimeout(resolve, GRACE));
  report({ type: "end" });
}

function outcomeOf({ file, fullTestName, result, mode }: Test): { suite: string; name: string; failure?: string } {
  const outcome = { suite: file.filepath, name: fullTestName };
  if (result?.state === "pass") return outcome;
  const [error] = result?.errors ?? [];
  return { ...outcome, failure: error ? describeFailure(error) : `it did not run: ${result?.state ?? mode}` };
}
