import type { Bars } from "./case.ts";
import type { CaseResult } from "./run-case.ts";
import { formatSize } from "./size.ts";
import { spread } from "./statistics.ts";

/** How a case stands to one of its bars; in bytes. */
export interface Verdict {
  readonly group: string;
  readonly case: string;
  readonly bar: keyof Bars;
  readonly measured: number;
  /**
   * How much of a growth is of V8's young generation: it says where to look, and excuses nothing. Told for growth alone,
   * where the runs tell it.
   */
  readonly young?: number;
  readonly limit: number;
  /** The sizes between which growth was measured, or the one at which the most was. */
  readonly sizes: readonly number[];
  readonly held: boolean;
}

/**
 * Holds results against the bars of their cases.
 *
 * @param results Of one or more groups, the sizes of a case in the order in which they ran.
 * @returns A verdict for each bar. Growth needs two sizes: with one there is none.
 */
export function judge(results: readonly CaseResult[]): Verdict[] {
  const cases = Map.groupBy(results, (result) => `${result.group}: ${result.case}`);
  return [...cases.values()].flatMap((rows) => {
    const [first] = rows as [CaseResult];
    const { group, case: name, bars = {} } = first;
    const peaks = rows.map((row) => medianOf(row, ({ peakRss }) => peakRss));
    const above = rows.map((row) => medianOf(row, ({ peakRss, startRss }) => peakRss - startRss));
    const verdict = (bar: keyof Bars, measured: number, sizes: readonly number[], young?: number): Verdict[] => {
      const limit = bars[bar];
      if (limit === undefined) return [];
      const held = measured <= limit;
      return [{ group, case: name, bar, measured, ...(young !== undefined && { young }), limit, sizes, held }];
    };
    const at = (values: readonly number[], most: number) => [rows[values.indexOf(most)]?.bytes ?? 0];
    const sizes = rows.map(({ bytes }) => bytes);
    const growth = (peaks.at(-1) ?? 0) - (peaks[0] ?? 0);
    return [
      ...(rows.length < 2
        ? []
        : verdict("growth", growth, [sizes[0] ?? 0, sizes.at(-1) ?? 0], youngShare(growth, rows))),
      ...verdict("peak", Math.max(...peaks), at(peaks, Math.max(...peaks))),
      ...verdict("above", Math.max(...above), at(above, Math.max(...above))),
    ];
  });
}

const WORDS: Record<keyof Bars, string> = { growth: "grows by", peak: "peaks at", above: "takes" };

/** One line: `memory: gzip grows by 9.2 MiB from 1 GiB to 4 GiB, 8 MiB of it V8's young generation, 8 MiB allowed`. */
export function formatVerdict({ group, case: name, bar, measured, young = 0, limit, sizes }: Verdict): string {
  const amount = `${measured < 0 ? "−" : ""}${formatSize(Math.abs(measured))}`;
  const where = bar === "growth" ? ` from ${sizes.map(formatSize).join(" to ")}` : "";
  const share = young > 0 ? `, ${formatSize(young)} of it V8's young generation` : "";
  return `${group}: ${name} ${WORDS[bar]} ${amount}${where}${share}, ${formatSize(limit)} allowed`;
}

/**
 * What a growth owes to V8's young generation: never more than the growth itself, nor less than nothing.
 */
function youngShare(growth: number, rows: readonly CaseResult[]): number | undefined {
  const told = rows.every(({ subject }) => subject.runs.every((run) => run.youngGeneration !== undefined));
  if (!told) return undefined;
  const [smallest = 0, ...larger] = rows.map((row) => medianOf(row, (run) => run.youngGeneration ?? 0));
  return Math.max(0, Math.min(growth, (larger.at(-1) ?? smallest) - smallest));
}

function medianOf({ subject }: CaseResult, value: (run: CaseResult["subject"]["runs"][number]) => number): number {
  return spread(subject.runs.map(value)).median;
}
