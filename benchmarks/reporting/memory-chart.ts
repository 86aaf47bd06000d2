import { axisX, axisY, frame, gridY, line, type Markish, text } from "@observablehq/plot";
import { judge } from "../harness/judge.ts";
import type { CaseResult } from "../harness/run-case.ts";
import { formatSize, GiB, MiB, mebibytes } from "../harness/size.ts";
import { draw, ink } from "./drawing.ts";

const COLUMNS = 2;
const PANEL = 132;

interface TracePoint {
  readonly panel: number;
  readonly size: number;
  readonly at: number;
  readonly held: number;
}

/**
 * What a process held while the data went through it: a panel a case, a line a size. Time is drawn as data, as if it
 * had gone through evenly, so that the lines of all sizes lie over each other and the longest goes on.
 *
 * @param title What is shown.
 * @param results Of cases with `sizes`, of which the traces were kept.
 * @returns An SVG, or nothing where no case has a trace.
 */
export function memoryChart(title: string, results: readonly CaseResult[]): string | undefined {
  const names = [...new Set(results.filter(hasTrace).map((result) => result.case))];
  if (names.length === 0) return undefined;
  const points = results.filter(hasTrace).flatMap((result) => pointsOf(result, names.indexOf(result.case)));
  const sizes = [...new Set(points.map(({ size }) => size))].sort((a, b) => a - b);
  const stroke = (size: number) =>
    size === sizes.at(-1) ? ink.lines[0] : ink.lines[sizes.indexOf(size) === 0 ? 2 : 1];
  const most = Math.max(128, ...points.map(({ held }) => held));
  const place = {
    fx: ({ panel }: { panel: number }) => panel % COLUMNS,
    fy: ({ panel }: { panel: number }) => Math.floor(panel / COLUMNS),
  };
  const headings = names.map((name, panel) => ({ panel, name, ...growthOf(results, name) }));
  const labels = sizes.flatMap((size) =>
    names.flatMap((_, panel) => labelOf(points.filter((point) => point.panel === panel && point.size === size))),
  );
  const marks: Markish[] = [
    gridY({ stroke: ink.grid, strokeOpacity: 1, ticks: [0, 50, 100, 150] }),
    frame({ anchor: "bottom", stroke: ink.muted }),
    axisY({
      ticks: [0, 50, 100, 150],
      tickSize: 0,
      color: ink.muted,
      label: null,
      tickFormat: (held: number) => (held === 150 ? "150 MiB" : `${held}`),
    }),
    axisX({
      ticks: ticksOf(sizes),
      tickSize: 4,
      color: ink.muted,
      label: null,
      tickFormat: (at: number) => `${at} GiB`,
    }),
    ...[...sizes].reverse().map((size) =>
      line(
        points.filter((point) => point.size === size),
        { ...place, x: "at", y: "held", stroke: stroke(size), strokeWidth: size === sizes.at(-1) ? 1.75 : 2.25 },
      ),
    ),
    // The longest line has its name above it, those that it covers theirs below.
    ...[sizes.slice(-1), sizes.slice(0, -1)].map((which, below) =>
      text(
        labels.filter(({ size }) => which.includes(size)),
        {
          ...place,
          x: "at",
          y: below ? "lowest" : "held",
          dy: below ? 11 : -9,
          textAnchor: "end",
          text: ({ size }: TracePoint) => formatSize(size),
          fill: ({ size }: TracePoint) => stroke(size),
          fontWeight: 600,
          fontSize: 11,
        },
      ),
    ),
    text(headings, { ...place, frameAnchor: "top-left", dx: 2, dy: -16, text: "name", fontWeight: 600 }),
    text(headings, { ...place, frameAnchor: "top-right", dy: -16, text: "growth", fill: ink.muted }),
    // Beside where the highest line has its name.
    text(headings, {
      ...place,
      frameAnchor: "top-right",
      dx: -44,
      dy: -2,
      text: "young",
      fill: ink.muted,
      fontSize: 11,
    }),
  ];
  return draw(title, {
    height: Math.ceil(names.length / COLUMNS) * PANEL + 34,
    marginTop: 26,
    marginLeft: 62,
    marginRight: 24,
    marginBottom: 26,
    x: { domain: [0, (sizes.at(-1) ?? GiB) / GiB] },
    y: { domain: [0, most * 1.12] },
    fx: { padding: 0.1, axis: null },
    fy: { padding: 0.36, axis: null },
    color: { type: "identity" },
    marks,
  });
}

function hasTrace({ subject, bytes }: CaseResult): boolean {
  // Shorter runs, of what a provider limits to megabytes, would be a dot.
  return bytes >= 128 * MiB && subject.runs.some(({ trace }) => trace.length > 1);
}

function pointsOf({ subject, bytes }: CaseResult, panel: number): TracePoint[] {
  const run = subject.runs.find(({ trace }) => trace.length > 0);
  const end = run?.trace.at(-1)?.[0] ?? 1;
  return (run?.trace ?? []).map(([time, rss]) => ({
    panel,
    size: bytes,
    at: ((time / end) * bytes) / GiB,
    held: rss / MiB,
  }));
}

/** Where the name of a line stands: over, or under, the last quarter of it. */
function labelOf(points: readonly TracePoint[]): (TracePoint & { readonly lowest: number })[] {
  const last = points.at(-1);
  if (!last) return [];
  const near = points.filter(({ at }) => at >= last.at * 0.75).map(({ held }) => held);
  return [{ ...last, held: Math.max(...near), lowest: Math.min(...near) }];
}

function growthOf(results: readonly CaseResult[], name: string): { readonly growth: string; readonly young: string } {
  const verdict = judge(results.filter((result) => result.case === name)).find(({ bar }) => bar === "growth");
  if (!verdict) return { growth: "", young: "" };
  const { measured, young = 0, limit } = verdict;
  return {
    growth: `${measured < 0 ? "" : "+"}${mebibytes(measured)}, ${limit / MiB} allowed`,
    young: young > 0 ? `${(young / MiB).toFixed(1)} of it V8's young generation` : "",
  };
}

function ticksOf(sizes: readonly number[]): number[] {
  const most = (sizes.at(-1) ?? GiB) / GiB;
  return most > 4 ? [0, 1, 4, 8, 12, 16].filter((at) => at <= most) : [0, 1, 2, 3, 4].filter((at) => at <= most);
}
