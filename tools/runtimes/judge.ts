import type { Message } from "./harness/report.ts";
import type { Gap } from "./known-gaps.ts";

/** What came of one package on one runtime. */
export interface Verdict {
  readonly package: string;
  readonly passed: number;
  /** Tests that failed as it was known that they would. */
  readonly gaps: number;
  /** What went wrong, for a person to read. */
  readonly failures: readonly string[];
}

/** Holds what a package's suites reported on a runtime against the gaps that are known. */
export function judge(runtime: string, name: string, messages: readonly Message[], known: readonly Gap[]): Verdict {
  const relevant = known.filter((gap) => gap.package === name && gap.runtimes.includes(runtime));
  const expected = new Set(relevant.flatMap(({ tests = [] }) => tests));
  const sharedFailures = new Set(relevant.flatMap(({ failure = [] }) => failure));
  const openFailures = new Set<string>();
  const failures: string[] = [];
  let passed = 0;
  let gaps = 0;
  for (const message of messages) {
    if (message.type === "end") continue;
    const test = message.type === "test" ? `${message.suite}: ${message.name}` : "outside of the tests";
    const { failure } = message;
    const shared = [...sharedFailures].find((text) => failure?.includes(text));
    if (failure === undefined) passed += 1;
    else if (expected.delete(test)) gaps += 1;
    else if (shared === undefined) failures.push(`${test}\n${failure}`);
    else {
      openFailures.add(shared);
      // What a failed test leaves behind is no gap of its own.
      if (message.type === "test") gaps += 1;
    }
  }
  for (const gap of [...expected, ...sharedFailures.difference(openFailures)]) {
    failures.push(`${gap}\nis a known gap, but does not fail: strike it off known-gaps.ts`);
  }
  if (messages.at(-1)?.type !== "end") {
    const last = messages.findLast((message) => message.type === "test");
    failures.push(`the suites did not come to their end; the last test was ${last && `${last.suite}: ${last.name}`}`);
  }
  return { package: name, passed, gaps, failures };
}
