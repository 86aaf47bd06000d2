import { barX, type Markish, ruleX, ruleY, text } from "@observablehq/plot";
import type { CaseResult } from "../harness/run-case.ts";
import { draw, ink, WIDTH } from "./drawing.ts";

const ROW = 38;
const LABELS = 390;
const VALUES = 86;

interface Bar {
  readonly key: string;
  readonly label: string;
  readonly peers: string;
  readonly speed: number;
  readonly slowest: number;
  readonly fastest: number;
}

/**
 * How many times as fast as its peer each subject is: one bar a case, from 1, and a thin line over all rounds.
 *
 * @param title What is compared.
 * @param results Of one group; those without a peer are left out.
 * @returns An SVG, or nothing where there is nothing to compare.
 */
export function ratioChart(title: string, results: readonly CaseResult[]): string | undefined {
  const bars = results.flatMap(({ case: label, subject, peer, time }, index): Bar[] => {
    if (!peer || !time) return [];
    const peers = `${subject.name}  /  ${peer.name}`;
    return [{ key: `${index}`, label, peers, speed: 1 / time.median, slowest: 1 / time.max, fastest: 1 / time.min }];
  });
  if (bars.length === 0) return undefined;
  const low = Math.min(0.5, ...bars.map(({ slowest }) => slowest));
  const high = Math.max(2, ...bars.map(({ fastest }) => fastest));
  const ticks = [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16, 32, 64].filter((at) => at >= low && at <= high);
  const across = { y: "key", frameAnchor: "left", textAnchor: "start", dx: -LABELS + 4 } as const;
  const corner = { text: (words: string) => words, dy: -17, fill: ink.muted };
  const marks: Markish[] = [
    ruleX(ticks, { stroke: ink.grid }),
    text(ticks, { x: (at: number) => at, frameAnchor: "top", dy: -14, text: times, fill: ink.muted }),
    text(["ours  /  peer"], { ...corner, frameAnchor: "top-left", textAnchor: "start", dx: -LABELS + 4 }),
    text(["times as fast"], { ...corner, frameAnchor: "top-right", textAnchor: "end", dx: VALUES - 6 }),
    barX(bars, {
      x1: 1,
      x2: "speed",
      y: "key",
      fill: colourOf,
      rx: 2,
      insetTop: 11,
      insetBottom: 11,
    }),
    ruleY(bars, { x1: "slowest", x2: "fastest", y: "key", stroke: ink.text, strokeWidth: 1.25 }),
    ruleX([1], { stroke: ink.text, strokeWidth: 1 }),
    text(bars, { ...across, text: "label", dy: -7, fontWeight: 600 }),
    text(bars, { ...across, text: "peers", dy: 8, fill: ink.muted, fontSize: 11 }),
    text(bars, {
      y: "key",
      frameAnchor: "right",
      dx: VALUES - 6,
      textAnchor: "end",
      text: ({ speed }: Bar) => times(speed),
      fontWeight: 600,
      fontVariant: "tabular-nums",
      fill: colourOf,
    }),
  ];
  return draw(title, {
    width: WIDTH,
    height: bars.length * ROW + 36,
    marginLeft: LABELS,
    marginRight: VALUES,
    marginTop: 32,
    marginBottom: 4,
    x: { type: "log", domain: [low, high], axis: null },
    y: { type: "band", domain: bars.map(({ key }) => key), axis: null, padding: 0 },
    color: { type: "identity" },
    marks,
  });
}

/** Within a twentieth neither is faster: the noise of a round is as large. */
function colourOf({ speed }: Bar): string {
  if (speed > 1 / 1.05 && speed < 1.05) return ink.muted;
  return speed > 1 ? ink.better : ink.worse;
}

/** `3.4×`, `0.92×`, `1/4×`. */
function times(value: number): string {
  if (value < 1 && Number.isInteger(1 / value)) return `1/${1 / value}×`;
  return `${Number.isInteger(value) ? value : value < 10 ? value.toFixed(2) : value.toFixed(1)}×`;
}
