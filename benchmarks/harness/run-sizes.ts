import type { Case } from "./case.ts";
import { judge } from "./judge.ts";
import { type CaseOrigin, type CaseResult, runCase } from "./run-case.ts";
import type { Settings } from "./settings.ts";
import { formatSize, MiB } from "./size.ts";
import { spread } from "./statistics.ts";

/** A case below this rate, in bytes a second, does not get the size that `--size` adds: 16 GiB would take minutes. */
const FAST = 1e9;
/** Enough to load and compile all that a case uses. */
const WARMUP = 16 * MiB;
/** At each size, at most, where a case asks for no other number. */
const ROUNDS = 2;

/**
 * Runs a case at each size that it and the command line ask for: once, and its other rounds as well where that one was
 * not clear.
 *
 * @param definition What is run.
 * @param origin Where it comes from.
 * @param settings The command line's.
 * @param say Told of a size that is left out, and why.
 * @returns One result a size. A failure ends it; what was finished before has been given.
 */
export async function* runSizes(
  definition: Case,
  origin: CaseOrigin,
  settings: Pick<Settings, "quick" | "size">,
  say: (line: string) => void,
): AsyncGenerator<CaseResult, void, void> {
  if (!definition.sizes) {
    yield await runCase(definition, origin, settings, bytesOf(definition, settings));
    return;
  }
  const run = (rounds: number, bytes: number): Promise<CaseResult> =>
    runCase({ warmup: 0, ...definition, rounds }, origin, settings, bytes);
  const { rounds = ROUNDS } = definition;
  // Ratios are of rounds that ran in turns: those of a case with a peer stay together.
  const first = definition.peer ? rounds : 1;
  const results: CaseResult[] = [];
  try {
    await run(1, Math.min(WARMUP, ...definition.sizes));
    for (const size of sizesOf(definition, settings.quick)) results.push(await run(first, size));
    const more = sizeAsked(definition, results.at(-1) as CaseResult, settings.size, say);
    if (more !== undefined) results.push(await run(first, more));
    if (first < rounds && !settings.quick && !isClear(results)) {
      for (const [index, result] of results.entries()) {
        results[index] = joined(result, await run(rounds - first, result.bytes));
      }
    }
  } finally {
    yield* results;
  }
}

function sizesOf({ sizes = [], quickSizes }: Case, quick: boolean): readonly number[] {
  return quick ? (quickSizes ?? sizes.map((size) => Math.ceil(size / 4))) : sizes;
}

/** The size that the command line adds, where the case can take it in a time that people wait for. */
function sizeAsked(
  { largest = Number.POSITIVE_INFINITY }: Case,
  last: CaseResult,
  size: number | undefined,
  say: (line: string) => void,
): number | undefined {
  if (size === undefined || size <= last.bytes) return undefined;
  const rate = spread(last.subject.runs.map(({ outcome, wall }) => (outcome.bytes / wall) * 1000)).median;
  if (size > largest) say(`not at ${formatSize(size)}: more than ${formatSize(largest)} is refused`);
  else if (rate < FAST) say(`not at ${formatSize(size)}: ${Math.round(rate / 1e6)} MB/s`);
  else return size;
  return undefined;
}

/**
 * Whether another round could hardly change a verdict: all is held, and growth within a quarter of what is allowed. Half
 * of it was too much: a stream of 64 MiB that grew by 7.8 MiB of 16 in one round peaked 35 MiB higher in the next.
 */
function isClear(results: readonly CaseResult[]): boolean {
  return judge(results).every(
    ({ bar, held, measured, limit }) => held && (bar !== "growth" || Math.abs(measured) <= limit / 4),
  );
}

function joined(first: CaseResult, second: CaseResult): CaseResult {
  return { ...first, subject: { ...first.subject, runs: [...first.subject.runs, ...second.subject.runs] } };
}

function bytesOf({ mode, bytes, quickBytes }: Case, { quick, size }: Pick<Settings, "quick" | "size">): number {
  if (size !== undefined && mode === "process") return size;
  return quick ? (quickBytes ?? Math.ceil(bytes / 8)) : bytes;
}
