import type { Message } from "./harness/report.ts";
import { judge, type Verdict } from "./judge.ts";
import { KNOWN_GAPS } from "./known-gaps.ts";
import { NotHere } from "./not-here.ts";
import type { Prepared, Runtime, Stage } from "./runtime.ts";
import type { Suite } from "./suites.ts";

/** Processes at once; the machines that this must be quick on have two cores. */
const CONCURRENCY = 2;

/** What came of a runtime: a verdict for each package, or why it is not here. */
export type Outcome =
  | { readonly runtime: Runtime; readonly version: string; readonly verdicts: readonly Verdict[] }
  | { readonly runtime: Runtime; readonly missing: string };

/** Runs suites, grouped by package, on a runtime, and prints how each package went. */
export async function runOnRuntime(
  runtime: Runtime,
  stage: Stage,
  packages: ReadonlyMap<string, readonly Suite[]>,
): Promise<Outcome> {
  let prepared: Prepared;
  try {
    prepared = await runtime.prepare(stage);
  } catch (error) {
    if (!(error instanceof NotHere)) throw error;
    return { runtime, missing: error.message };
  }
  await using _ = prepared;
  console.log(`\n── ${runtime.title} ${prepared.version}`);
  const verdicts: Verdict[] = [];
  const left = [...packages];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [name, suites] = next;
      const possible = suites.filter((suite) => prepared.reloads || !suite.name.endsWith("-reload"));
      verdicts.push(await runPackage(runtime, prepared, name, possible));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return { runtime, version: prepared.version, verdicts };
}

async function runPackage(
  runtime: Runtime,
  prepared: Prepared,
  name: string,
  suites: readonly Suite[],
): Promise<Verdict> {
  const begun = performance.now();
  const messages: Message[] = [];
  await prepared.run(name, suites, (message) => messages.push(message));
  const verdict = judge(runtime.name, name, messages, KNOWN_GAPS);
  for (const failure of verdict.failures) console.log(`FAIL ${runtime.title}, ${name}, ${failure}\n`);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const gaps = verdict.gaps > 0 ? `, ${verdict.gaps} known gaps` : "";
  const failures = verdict.failures.length > 0 ? `, ${verdict.failures.length} FAILURES` : "";
  console.log(`${name.padEnd(12)} ${seconds.padStart(6)} s   ${verdict.passed} passed${gaps}${failures}`);
  return verdict;
}
