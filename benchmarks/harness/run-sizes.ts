import type { Case } from "./case.ts";
import { type CaseOrigin, type CaseResult, runCase } from "./run-case.ts";
import type { Settings } from "./settings.ts";
import { formatSize, MiB } from "./size.ts";
import { spread } from "./statistics.ts";

/** A case below this rate, in bytes a second, does not get the size that `--size` adds: 16 GiB would take minutes. */
const FAST = 1e9;
/** Enough to load and compile all that a case uses. */
const WARMUP = 16 * MiB;

/**
 * Runs a case at each size that it and the command line ask for.
 *
 * @param definition What is run.
 * @param origin Where it comes from.
 * @param settings The command line's.
 * @param say Told of a size that is left out, and why.
 * @returns One result a size, as each is finished. A failure ends it; what was finished before has been given.
 */
export async function* runSizes(
  definition: Case,
  origin: CaseOrigin,
  settings: Pick<Settings, "quick" | "size">,
  say: (line: string) => void,
): AsyncGenerator<CaseResult, void, void> {
  const { sizes, largest = Number.POSITIVE_INFINITY } = definition;
  if (!sizes) {
    yield await runCase(definition, origin, settings, bytesOf(definition, settings));
    return;
  }
  const { quickSizes = sizes.map((size) => Math.ceil(size / 4)) } = definition;
  const smallest = Math.min(WARMUP, ...sizes);
  await runCase({ ...definition, rounds: 1, warmup: 0 }, origin, settings, smallest);
  let last: CaseResult | undefined;
  for (const size of settings.quick ? quickSizes : sizes) {
    last = await runCase({ warmup: 0, ...definition }, origin, settings, size);
    yield last;
  }
  const { size } = settings;
  if (!last || size === undefined || size <= last.bytes) return;
  const rate = spread(last.subject.runs.map(({ outcome, wall }) => (outcome.bytes / wall) * 1000)).median;
  if (size > largest) say(`not at ${formatSize(size)}: more than ${formatSize(largest)} is refused`);
  else if (rate < FAST) say(`not at ${formatSize(size)}: ${Math.round(rate / 1e6)} MB/s`);
  else yield await runCase({ warmup: 0, ...definition }, origin, settings, size);
}

function bytesOf({ mode, bytes, quickBytes }: Case, { quick, size }: Pick<Settings, "quick" | "size">): number {
  if (size !== undefined && mode === "process") return size;
  return quick ? (quickBytes ?? Math.ceil(bytes / 8)) : bytes;
}
