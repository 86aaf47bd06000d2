import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Finding } from "../checks/finding.ts";
import { judge } from "../harness/judge.ts";
import type { GroupResults } from "../harness/run-benchmarks.ts";
import type { CaseResult, Run, Side } from "../harness/run-case.ts";

/** What the report is made of: the last full run of each group, whenever that was. */
export interface Recorded {
  readonly groups: Readonly<Record<string, GroupResults>>;
  /** Bundles and installed sizes beside their budgets. */
  readonly sizes?: readonly Finding[] | undefined;
}

/** Enough for a line across a panel of a chart. */
const POINTS = 120;

/** Reads what was recorded; nothing, where nothing was. */
export function readRecorded(path: URL): Recorded {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Recorded) : { groups: {} };
}

/**
 * Puts a group in the place of what was recorded of it before.
 *
 * @param path The file, which is made where there is none.
 * @param group As it was run.
 * @param sizes As they are now; those that were recorded before, where they are left out.
 * @returns All that is recorded now.
 */
export function recordGroup(path: URL, group: GroupResults, sizes?: readonly Finding[]): Recorded {
  const before = readRecorded(path);
  const slim = { ...group, results: group.results.map(thinned) };
  const groups = Object.fromEntries(
    Object.entries({ ...before.groups, [group.name]: slim }).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  mkdirSync(new URL(".", path), { recursive: true });
  const recorded = { groups, sizes: sizes ?? before.sizes };
  writeFileSync(path, serialized(recorded));
  return recorded;
}

/** One line a row, so that a difference between two runs can be read. */
function serialized({ groups, sizes }: Recorded): string {
  const texts = Object.entries(groups).map(([name, { results, ...about }]) => {
    const rows = results.map((row) => `\n    ${JSON.stringify(row)}`).join(",");
    return `  ${JSON.stringify(name)}: {\n   ${JSON.stringify(about).slice(1, -1)},\n   "results": [${rows}\n   ]\n  }`;
  });
  const lines = sizes && `,\n"sizes": [${sizes.map((size) => `\n  ${JSON.stringify(size)}`).join(",")}\n]`;
  return `{ "groups": {\n${texts.join(",\n")}\n}${lines ?? ""} }\n`;
}

/** Without traces that no chart shows, and with times to the microsecond. */
function thinned(result: CaseResult): CaseResult {
  const shown = judge([result, result]).length > 0;
  const side = ({ name, runs }: Side): Side => {
    const middle = runs.toSorted((a, b) => a.peakRss - b.peakRss)[runs.length >> 1];
    return { name, runs: runs.map((run) => thinnedRun(run, shown && run === middle)) };
  };
  return { ...result, subject: side(result.subject), ...(result.peer && { peer: side(result.peer) }) };
}

function thinnedRun({ wall, cpu, trace, server, ...run }: Run, shown: boolean): Run {
  return {
    ...run,
    wall: rounded(wall),
    cpu: rounded(cpu),
    ...(server && { server: { ...server, cpu: rounded(server.cpu) } }),
    trace: shown ? highest(trace) : [],
  };
}

/** The highest of each stretch: what is thinned out must not hide a peak. */
function highest(trace: Run["trace"]): Run["trace"] {
  const stretch = Math.ceil(trace.length / POINTS);
  return Array.from({ length: Math.ceil(trace.length / stretch) || 0 }, (_, index) => {
    const points = trace.slice(index * stretch, (index + 1) * stretch);
    return points.reduce((most, point) => (point[1] > most[1] ? point : most));
  });
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
