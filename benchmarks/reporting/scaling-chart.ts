import { axisX, axisY, dot, gridY, line, type Markish, ruleX, text } from "@observablehq/plot";
import type { Point } from "../harness/case.ts";
import type { CaseResult, Run } from "../harness/run-case.ts";
import { formatSize, MiB } from "../harness/size.ts";
import { spread } from "../harness/statistics.ts";
import { draw, ink } from "./drawing.ts";

const PANELS = ["rate", "memory"] as const;
const HEIGHT = 440;
/** Of one panel, as a share of its scale: labels of lines that end closer than this would overlap. */
const GAP = 0.085;

const WIDE = 50;
const POWERS = [0.001, 0.01, 0.1, 1, 10, 100];
const STEPS = [0.1, 0.25, 0.5, 1, 2, 4, 5, 10, 20, 25, 50, 100, 200];

interface CurvePoint {
  readonly panel: (typeof PANELS)[number];
  readonly curve: string;
  readonly x: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Rate above and memory below over one axis: a line a curve, its rounds as a thin stroke at each point.
 *
 * @param title What is shown.
 * @param axis Of the points to take.
 * @param results Of any group.
 * @returns An SVG, or nothing where no case lies on this axis.
 */
export function scalingChart(title: string, axis: Point["axis"], results: readonly CaseResult[]): string | undefined {
  const points = results.flatMap((result) => curvePoints(result, axis));
  if (points.length === 0) return undefined;
  const curves = [...new Set(points.map(({ curve }) => curve))];
  const values = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  // Both panels share one scale, 0 to 1, so that each may have units of its own.
  const scales = Object.fromEntries(
    PANELS.map((panel) => [panel, scaleOf(points.filter((point) => point.panel === panel))]),
  );
  const scaled = ({ panel }: CurvePoint, value: number) => scales[panel]?.place(value) ?? 0;
  const stroke = ({ curve }: { curve: string }) => ink.lines[curves.indexOf(curve) % ink.lines.length];
  const place = { fy: "panel", x: "x" } as const;
  const labels = PANELS.flatMap((panel) => spacedLabels(points, panel, scaled));
  const grid = PANELS.flatMap((panel) =>
    (scales[panel]?.ticks ?? []).map((tick) => ({ panel, y: scales[panel]?.place(tick) ?? 0, label: `${tick}` })),
  );
  const marks: Markish[] = [
    gridY(grid, { fy: "panel", y: "y", stroke: ink.grid, strokeOpacity: 1 }),
    axisY(grid, { fy: "panel", y: "y", text: "label", tickSize: 0, color: ink.muted, label: null }),
    axisX(values, {
      tickSize: 4,
      color: ink.muted,
      label: axis,
      labelAnchor: "right",
      labelArrow: "none",
      labelOffset: 20,
      tickFormat: (value: number) => (axis === "connections" ? `${value}` : formatSize(value)),
    }),
    ruleX(points, {
      ...place,
      y1: (point: CurvePoint) => scaled(point, point.min),
      y2: (point: CurvePoint) => scaled(point, point.max),
      stroke,
      strokeOpacity: 0.45,
      strokeWidth: 3,
    }),
    line(points, {
      ...place,
      y: (point: CurvePoint) => scaled(point, point.median),
      z: "curve",
      stroke,
      strokeWidth: 2,
    }),
    dot(points, { ...place, y: (point: CurvePoint) => scaled(point, point.median), fill: stroke, r: 3 }),
    text(labels, { ...place, y: "y", text: "curve", textAnchor: "start", dx: 9, fill: stroke, fontWeight: 600 }),
    text(
      [
        { panel: "rate", words: "GB/s" },
        { panel: "memory", words: "MiB above the process before" },
      ],
      { fy: "panel", frameAnchor: "top-left", dx: -34, dy: -19, text: "words", textAnchor: "start", fill: ink.muted },
    ),
  ];
  return draw(title, {
    height: HEIGHT,
    marginTop: 28,
    marginLeft: 44,
    marginRight: 190,
    marginBottom: 30,
    x: { type: "log", base: 2 },
    y: { domain: [0, 1] },
    fy: { domain: [...PANELS], padding: 0.22, axis: null },
    color: { type: "identity" },
    marks,
  });
}

function curvePoints({ point, subject }: CaseResult, axis: Point["axis"]): CurvePoint[] {
  if (point?.axis !== axis) return [];
  const of = (value: (run: Run) => number) => spread(subject.runs.map(value));
  const at = { curve: point.curve, x: point.value };
  return [
    { ...at, panel: "rate", ...of(({ outcome, wall }) => outcome.bytes / wall / 1e6) },
    // A program of its own, such as curl, takes its memory where the process does not see it.
    ...(point.curve.startsWith("curl")
      ? []
      : [{ ...at, panel: "memory" as const, ...of((run) => Math.max(0, run.peakRss - run.startRss) / MiB) }]),
  ];
}

/** Where the name of each line stands: at its end, and apart from the others. */
function spacedLabels(
  points: readonly CurvePoint[],
  panel: CurvePoint["panel"],
  scaled: (point: CurvePoint, value: number) => number,
): { panel: string; curve: string; x: number; y: number }[] {
  const own = points.filter((point) => point.panel === panel);
  const ends = [...Map.groupBy(own, ({ curve }) => curve).values()].map((curve) => curve.at(-1) as CurvePoint);
  const labels = ends
    .map((point) => ({ panel, curve: point.curve, x: point.x, y: scaled(point, point.median) }))
    .sort((a, b) => a.y - b.y);
  for (const [index, label] of labels.entries()) {
    const below = labels[index - 1];
    if (below && below.x === label.x) label.y = Math.max(label.y, below.y + GAP);
  }
  return labels;
}

interface Scale {
  readonly ticks: readonly number[];
  /** From 0, at the foot of the panel, to 1. */
  place(value: number): number;
}

/** From nothing upwards; by powers of ten where the values lie further apart than can be told on one ruler. */
function scaleOf(points: readonly CurvePoint[]): Scale {
  const most = Math.max(...points.map(({ max }) => max)) * 1.08;
  const least = Math.min(...points.map(({ min }) => min));
  if (points[0]?.panel === "rate" && most / least > WIDE) {
    const ticks = POWERS.filter((tick) => tick >= least / 10 && tick <= most);
    const [from = least] = ticks;
    return { ticks, place: (value) => Math.max(0, Math.log(value / from) / Math.log(most / from)) };
  }
  const step = STEPS.find((size) => most / size <= 5) ?? 500;
  const ticks = Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => Number((index * step).toFixed(2)));
  return { ticks, place: (value) => value / most };
}
