import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface Step {
  readonly name: string;
  readonly command: string;
  /** Reads the counts off the output; without it the step counts as one. Undefined: nothing was counted, a failure. */
  readonly count?: (output: string) => Counts | undefined;
  /** Whether the steps after this one make no sense without it. */
  readonly required?: boolean;
}

/**
 * Runs the steps one after the other, their output shown as it comes, and ends with a table and the sum of their counts
 * as the last line, `N passed, N failed`. The process fails when a step does, or when one counted nothing.
 */
export async function runSteps(steps: readonly Step[]): Promise<void> {
  const rows: string[] = [];
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const [index, step] of steps.entries()) {
    console.log(`\n── ${step.name}: ${step.command}`);
    const begun = performance.now();
    const { code, output } = await run(step.command);
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    const counts = countsOf(step, code, output);
    for (const key of ["passed", "failed", "skipped"] as const) sum[key] += counts[key];
    rows.push(`${step.name.padEnd(14)} ${seconds.padStart(6)} s   ${line(counts)}`);
    if (code !== 0 && step.required) {
      for (const left of steps.slice(index + 1)) rows.push(`${left.name.padEnd(14)}      –     not run`);
      break;
    }
  }
  console.log(`\n${rows.join("\n")}\n`);
  if (sum.skipped > 0) console.log(`${sum.skipped} SKIPPED: see above which, and why`);
  console.log(line(sum));
  process.exitCode = sum.failed === 0 ? 0 : 1;
}

/** The last line that one of our own tools, or a run of steps, closes with. */
export function closingLine(output: string): Counts | undefined {
  const [, passed, failed, skipped] =
    [...output.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm)].at(-1) ?? [];
  return passed === undefined
    ? undefined
    : { passed: Number(passed), failed: Number(failed), skipped: Number(skipped ?? 0) };
}

/** The sum of the summaries that Vitest prints, one for each package. */
export function vitestSummaries(output: string): Counts | undefined {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const [, summary] of output.matchAll(/^\s*Tests\s+(.*\(\d+\))\s*$/gm)) {
    for (const [, count, kind] of (summary as string).matchAll(/(\d+) (passed|failed|skipped|todo)/g)) {
      sum[kind === "todo" ? "skipped" : (kind as keyof Counts)] += Number(count);
    }
  }
  return sum.passed + sum.failed === 0 ? undefined : sum;
}

function countsOf({ name, count }: Step, code: number, output: string): Counts {
  const counts = count ? count(output) : { passed: code === 0 ? 1 : 0, failed: 0, skipped: 0 };
  if (counts === undefined) {
    console.error(`${name} counted nothing, which is a failure`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  // A step that fails without a failed test, such as one that could not start, is one failure.
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function line({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

function run(command: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, {
      shell: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (data) => {
      output += data;
      process.stdout.write(data);
    });
    child.stderr.on("data", (data) => {
      output += data;
      process.stderr.write(data);
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output: stripVTControlCharacters(output) }));
  });
}
