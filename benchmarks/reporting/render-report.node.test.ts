import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import type { GroupResults } from "../harness/run-benchmarks.ts";
import type { CaseResult, Run } from "../harness/run-case.ts";
import { GiB, MiB } from "../harness/size.ts";
import { temporaryFolder } from "../harness/temporary-folder.ts";
import { readRecorded, recordGroup } from "./recorded.ts";
import { renderReport } from "./render-report.ts";

const run = (wall: number, peak: number, trace: Run["trace"] = [], young?: number): Run => ({
  wall,
  ...(young !== undefined && { youngGeneration: young * MiB }),
  cpu: wall,
  outcome: { bytes: GiB },
  startRss: 80 * MiB,
  peakRss: peak * MiB,
  trace,
});

const memory = (bytes: number, peak: number, young?: number): CaseResult => ({
  group: "memory",
  case: "gzip",
  mode: "process",
  bytes,
  bars: { growth: 8 * MiB },
  subject: {
    name: "pipe",
    runs: [
      run(
        1000,
        peak,
        Array.from({ length: 999 }, (_, at) => [at, (80 + (at % 7)) * MiB]),
        young,
      ),
    ],
  },
});

const ratio = (name: string, time: number): CaseResult => ({
  group: "stages",
  case: name,
  mode: "in-process",
  bytes: GiB,
  goal: { time: 1.11 },
  limitedBy: "two <copies> where the peer has one",
  subject: { name: "ours", runs: [run(time * 100, 90)] },
  peer: { name: "theirs", runs: [run(100, 90)] },
  time: { median: time, min: time * 0.9, max: time * 1.1 },
  cpu: { median: time, min: time, max: time },
});

const point = (value: number): CaseResult => ({
  ...ratio(`${value} connections`, 1),
  group: "scaling",
  point: { curve: "upload(file)", axis: "connections", value },
});

function group(name: string, results: readonly CaseResult[], failures: GroupResults["failures"] = []): GroupResults {
  const machine = {
    cpu: "A chip",
    cores: 2,
    memory: GiB,
    system: "an OS",
    load: 0,
    node: "v24.0.0",
    date: "2026-01-01",
  };
  return { name, description: "what it shows", machine, quick: false, seconds: 1, failures, results };
}

const groups = [
  group("memory", [memory(GiB, 100), memory(4 * GiB, 101)]),
  group("stages", [ratio("chunker, aligned", 0.5), ratio("base64, encode", 1.5), ratio("md5", 1.08)]),
  group("scaling", [1, 2, 4].map(point), [{ what: "scaling: 8 connections", message: "a | b <c>\nand a stack" }]),
];

function rendered(order: readonly GroupResults[]): Record<string, string> {
  using temporary = temporaryFolder();
  const folder = pathToFileURL(`${temporary.path}/`);
  for (const each of order) renderReport(folder, recordGroup(new URL("results.json", folder), each));
  renderReport(folder, readRecorded(new URL("results.json", folder)));
  return Object.fromEntries(
    readdirSync(temporary.path).map((name) => [name, readFileSync(join(temporary.path, name), "utf8")]),
  );
}

describe("renderReport", () => {
  test("is the same for the same results, in whatever order the groups were run", () => {
    const files = rendered(groups);
    expect(Object.keys(files).sort()).toEqual([
      "README.md",
      "index.html",
      "memory-stages.svg",
      "ratios-base64.svg",
      "ratios-chunker.svg",
      "ratios-digests.svg",
      "results.json",
      "scaling-connections.svg",
    ]);
    expect(rendered(groups.toReversed())).toEqual(files);
  });

  test("shows what is slower, what failed, and what limits it", () => {
    const { "README.md": readme = "" } = rendered(groups);
    const [, short = ""] = readme.split("## Where a goal is missed or a peer is faster");
    expect(short).toContain("| stages | base64, encode | theirs | 1.50 | 1.50 | time ≤ 1.11 | two &lt;copies> where");
    expect(short).toContain("| md5 |");
    expect(short).not.toContain("chunker");
    expect(readme).toContain("**Failed: scaling: 8 connections.** a \\| b &lt;c>\n");
    expect(readme).toContain("| gzip | growth | 1 GiB → 4 GiB | 1.0 MiB | 8.0 MiB | yes |");
    expect(readme).toContain("npm run bench -- stages");
  });

  test("shows growth, what of it is V8's young generation, and how many cases hold", () => {
    const flat = [memory(GiB, 90, 8), memory(4 * GiB, 91, 8)].map((result) => ({ ...result, case: "file" }));
    const grown = group("memory", [memory(GiB, 100, 8), memory(4 * GiB, 113, 16), ...flat]);
    const headline = { ...ratio("md5", 1), headline: true };
    const { "README.md": readme = "", "memory-stages.svg": chart } = rendered([grown, group("stages", [headline])]);
    expect(readme).toContain("| gzip | growth | 1 GiB → 4 GiB | 13.0 MiB | 8.0 MiB | 8.0 MiB | no |");
    expect(readme).toContain("Memory: 1 of 2 cases stay");
    expect(chart).toContain("+13.0 MiB, 8 allowed");
    expect(chart).toContain("8.0 of it V8's young generation");
    expect(rendered(groups)["README.md"]).not.toContain("young");
  });

  test("a page loads nothing and charts name their colours for both schemes", () => {
    const files = rendered(groups);
    expect(files["index.html"]).not.toMatch(/<(?:script|link|img|iframe)\b|url\((?!#)/);
    for (const [name, text] of Object.entries(files)) {
      if (name.endsWith(".svg")) expect(text).toMatch(/^<svg [^>]*xmlns="[^"]+".*prefers-color-scheme: dark/s);
    }
  });

  test("a group that is run again replaces what it was", () => {
    const files = rendered([...groups, group("stages", [ratio("chunker, aligned", 0.7)])]);
    expect(Object.keys(files)).not.toContain("ratios-base64.svg");
    expect(files["README.md"]).toContain("1.43");
  });

  test("keeps the peaks of what it thins out", () => {
    const { groups: kept } = JSON.parse(rendered(groups)["results.json"] ?? "") as {
      groups: Record<string, GroupResults>;
    };
    const trace = kept["memory"]?.results[0]?.subject.runs[0]?.trace ?? [];
    expect(trace.length).toBeLessThanOrEqual(120);
    expect(trace.every(([, held]) => held === 86 * MiB)).toBe(true);
  });
});
