import { judge, type Verdict } from "../harness/judge.ts";
import { boundByServer, formatGoal } from "../harness/report.ts";
import type { CaseResult, Run, Side } from "../harness/run-case.ts";
import { formatSize, MiB, mebibytes } from "../harness/size.ts";
import { type Spread, spread } from "../harness/statistics.ts";

/** Cells as text, without any markup; the first row is the heading. */
export type Table = readonly (readonly string[])[];

/** Each case beside its peer. */
export function comparisonTable(results: readonly CaseResult[]): Table {
  const rows = results.map((result) => {
    const { subject, peer, time, cpu, mode, bytes } = result;
    const memory = mode === "process" ? [memoryOf(subject), peer ? memoryOf(peer) : ""] : ["", ""];
    return [
      `${result.case} (${counted(result) ? bytes.toLocaleString("en-US") : formatSize(bytes)})`,
      subject.name,
      rateOf(subject),
      peer?.name ?? "",
      peer ? rateOf(peer) : "",
      time ? formatSpread(inverse(time)) : "",
      cpu ? formatSpread(cpu) : "",
      ...memory,
      remarks(result),
    ];
  });
  const heading = [
    "case",
    "ours",
    "rate",
    "peer",
    "rate",
    "times as fast",
    "CPU ×",
    "peak, ours",
    "peak, peer",
    "notes",
  ];
  return withoutEmptyColumns([heading, ...rows]);
}

/** Few columns, to be quoted. */
export function headlineTable(results: readonly CaseResult[]): Table {
  const rows = results.map(({ case: name, subject, peer, time, mode }) => [
    name,
    subject.name,
    peer?.name ?? "",
    time ? `${formatSpread(inverse(time))}×` : "",
    mode === "process" ? memoryOf(subject) : "",
    mode === "process" && peer ? memoryOf(peer) : "",
  ]);
  return withoutEmptyColumns([["job", "ours", "beside", "times as fast", "peak, ours", "peak, peer"], ...rows]);
}

/** Each bar of the results, and how it was held. */
export function barTable(results: readonly CaseResult[]): Table {
  return withoutEmptyColumns([
    ["case", "bar", "sizes", "measured", "of it V8's young generation", "allowed", "held", ""],
    ...judge(results).map(({ case: name, bar, sizes, measured, young, limit, held }) => [
      name,
      BARS[bar],
      sizes.map((size) => (isCounted(results, name) ? size.toLocaleString("en-US") : formatSize(size))).join(" → "),
      mebibytes(measured),
      young === undefined ? "" : mebibytes(young),
      mebibytes(limit),
      held ? "yes" : "no",
      results.find((result) => result.case === name)?.note ?? "",
    ]),
  ]);
}

/** Peak and rate at each size. */
export function sizeTable(results: readonly CaseResult[]): Table {
  const cases = Map.groupBy(results, (result) => result.case);
  return [
    ["case", "size", "peak RSS: median [min–max]", "above the start", "rate"],
    ...[...cases.values()].flatMap((rows) =>
      rows.map(({ case: name, bytes, subject }, index) => [
        index === 0 ? name : "",
        formatSize(bytes),
        formatSpread(spread(subject.runs.map(({ peakRss }) => peakRss / MiB)), 1),
        middle(subject.runs, ({ peakRss, startRss }) => (peakRss - startRss) / MiB).toFixed(1),
        rateOf(subject),
      ]),
    ),
  ];
}

/** What falls short: of a goal, of a peer, of a bar. */
export function shortfalls(results: readonly CaseResult[]): Table {
  const rows = results.flatMap((result): string[][] => {
    const { group, case: name, time, cpu, goal, peer } = result;
    if (!time || !cpu || !peer) return [];
    const noise = time.min <= 1 ? "the noise of the machine: in some rounds it was the faster one" : "";
    const missed = goal && (time.median > goal.time || cpu.median > (goal.cpu ?? Number.POSITIVE_INFINITY));
    // Within a twentieth the noise of a round is as large.
    if (!missed && time.median <= 1.05) return [];
    return [
      [
        group,
        name,
        peer.name,
        ratio(time),
        ratio(cpu),
        formatGoal(result).replace("goal: ", "") || "–",
        result.limitedBy ?? noise,
      ],
    ];
  });
  return [["group", "case", "peer", "time ×", "CPU ×", "goal", "what limits it"], ...rows];
}

const BARS: Record<Verdict["bar"], string> = { growth: "growth", peak: "peak", above: "above the start" };

function isCounted(results: readonly CaseResult[], name: string): boolean {
  const result = results.find((each) => each.case === name);
  return result !== undefined && counted(result);
}

/** Whether what others count in bytes is a number of tasks. */
function counted({ bytes, subject }: CaseResult): boolean {
  return subject.runs[0]?.outcome.operations === bytes;
}

function remarks(result: CaseResult): string {
  const { subject, peer, note } = result;
  const remark = ({ name, runs }: Side) => {
    const words = runs.at(-1)?.outcome.remark;
    return words ? `${name}: ${words}` : "";
  };
  return [
    formatGoal(result),
    note ?? "",
    boundByServer(subject) ? "bound by the server" : "",
    remark(subject),
    peer ? remark(peer) : "",
  ]
    .filter(Boolean)
    .join("; ");
}

function rateOf({ runs }: Side): string {
  const rate = (value: (run: Run) => number) => middle(runs, (run) => (value(run) / run.wall) * 1000);
  if (runs[0]?.outcome.operations !== undefined) {
    return `${Math.round(rate(({ outcome }) => outcome.operations ?? 0)).toLocaleString("en-US")}/s`;
  }
  const bytes = rate(({ outcome }) => outcome.bytes);
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB/s` : `${Math.round(bytes / 1e6)} MB/s`;
}

function memoryOf({ runs }: Side): string {
  return `${Math.round(middle(runs, ({ peakRss }) => peakRss) / MiB)} MiB`;
}

function inverse({ median, min, max }: Spread): Spread {
  return { median: 1 / median, min: 1 / max, max: 1 / min };
}

function formatSpread({ median, min, max }: Spread, digits = 2): string {
  return `${median.toFixed(digits)} [${min.toFixed(digits)}–${max.toFixed(digits)}]`;
}

function ratio({ median }: Spread): string {
  return median.toFixed(2);
}

function middle(runs: readonly Run[], value: (run: Run) => number): number {
  return spread(runs.map(value)).median;
}

function withoutEmptyColumns(rows: Table): Table {
  const [heading = []] = rows;
  const kept = heading.map((_, column) => rows.slice(1).some((row) => row[column] !== ""));
  return rows.map((row) => row.filter((_, column) => kept[column]));
}
