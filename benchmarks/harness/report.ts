import type { Machine } from "./machine.ts";
import type { CaseResult, Side } from "./run-case.ts";
import { formatSize, mebibytes } from "./size.ts";
import { type Spread, spread } from "./statistics.ts";

const HEADINGS = ["case", "contender", "rate", "time ×", "CPU ×", "peak RSS", "growth", "CPU", "server CPU", "notes"];

/** The lines above all tables: machine, Node version, date. */
export function formatMachine({ cpu, cores, memory, system, load, node, date }: Machine): string {
  return `${cpu}, ${cores} cores, ${formatSize(memory)} · ${system} · load ${load.toFixed(2)} · Node ${node} · ${date}`;
}

/** The results of a group as an aligned table: two lines a case, subject above peer. */
export function formatTable(results: readonly CaseResult[]): string {
  const rows = [HEADINGS, ...results.flatMap(caseRows)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** `goal: time ≤ 1.25, CPU ≤ 1.6`, or nothing. */
export function formatGoal({ goal }: Pick<CaseResult, "goal">): string {
  if (!goal) return "";
  return `goal: time ≤ ${goal.time}${goal.cpu === undefined ? "" : `, CPU ≤ ${goal.cpu}`}`;
}

/** Whether the discarding server was busier than its client, so that the row shows the server's speed. */
export function boundByServer({ runs }: Side): boolean {
  return runs.length > 0 && middle(runs.map(({ server, cpu }) => (server?.cpu ?? 0) / cpu)) > 1;
}

function caseRows(result: CaseResult): string[][] {
  const { subject, peer, time, cpu, mode, bytes } = result;
  const note = [formatGoal(result), result.note].filter(Boolean).join("; ");
  const title = `${result.case} (${formatSize(bytes)})`;
  const ratios = [time ? formatSpread(time) : "", cpu ? formatSpread(cpu) : ""];
  const rows = [[title, subject.name, ...sideCells(subject, ratios, mode), notes(subject, note)]];
  if (peer) rows.push(["", peer.name, ...sideCells(peer, ["1", "1"], mode), notes(peer)]);
  return rows;
}

function sideCells({ runs }: Side, ratios: readonly string[], mode: CaseResult["mode"]): string[] {
  const of = (value: (run: Side["runs"][number]) => number) => middle(runs.map(value));
  const operations = runs[0]?.outcome.operations !== undefined;
  const rate = operations
    ? `${count(of(({ outcome, wall }) => ((outcome.operations ?? 0) / wall) * 1000))} op/s`
    : `${count(of(({ outcome, wall }) => outcome.bytes / wall / 1000))} MB/s`;
  // Contenders that share a process share its memory: nothing can be said of either.
  const memory =
    mode === "process"
      ? [mebibytes(Math.max(...runs.map((run) => run.peakRss))), mebibytes(of((run) => run.peakRss - run.startRss))]
      : ["–", "–"];
  const server = runs.some((run) => run.server) ? milliseconds(of((run) => run.server?.cpu ?? 0)) : "–";
  return [rate, ...ratios, ...memory, milliseconds(of((run) => run.cpu)), server];
}

function notes(side: Side, note?: string): string {
  return [boundByServer(side) ? "bound by server" : "", note ?? "", side.runs.at(-1)?.outcome.remark ?? ""]
    .filter(Boolean)
    .join("; ");
}

function middle(values: readonly number[]): number {
  return spread(values).median;
}

function formatSpread({ median, min, max }: Spread): string {
  return `${median.toFixed(2)} [${min.toFixed(2)}–${max.toFixed(2)}]`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function milliseconds(value: number): string {
  return `${count(value)} ms`;
}
