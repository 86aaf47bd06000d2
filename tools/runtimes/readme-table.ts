import type { Outcome } from "./run-on-runtime.ts";

const BEGIN = "<!-- runtimes -->";
const END = "<!-- /runtimes -->";

/** A table, read or to be written: by runtime its version, and by package what passed and what did not. */
type Columns = Map<string, { readonly version: string; readonly cells: ReadonlyMap<string, string> }>;

/**
 * The README with what a run found: a row for each package, a column for each runtime; what passed, and the known gaps.
 * What was not run keeps its place.
 *
 * @param titles the runtimes that there are, in the order of their columns
 * @param names the packages that there are
 */
export function withOutcomes(
  readme: string,
  outcomes: readonly Outcome[],
  titles: readonly string[],
  names: readonly string[],
): string {
  const { before, after, table } = aroundTable(readme);
  const columns = columnsIn(table);
  for (const [title, { version, cells }] of columnsOf(outcomes)) {
    columns.set(title, { version, cells: new Map([...(columns.get(title)?.cells ?? []), ...cells]) });
  }
  const here = titles.flatMap((title) => {
    const column = columns.get(title);
    return column === undefined ? [] : [{ title, ...column }];
  });
  const lines = [
    ["", ...here.map(({ title, version }) => `${title} ${version}`)],
    ["---", ...here.map(() => "--:")],
    ...names.toSorted().map((name) => [`\`${name}\``, ...here.map(({ cells }) => cells.get(name) ?? "")]),
  ];
  return `${before}${BEGIN}\n${lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n${END}${after}`;
}

/**
 * Where the README says something else of the gaps than a run found. How many tests passed, and on which version, is the
 * run's that wrote it: one test more, or a newer browser, is no reason to fail.
 *
 * @returns a line for each cell that is wrong
 */
export function staleCells(readme: string, outcomes: readonly Outcome[]): string[] {
  const written = columnsIn(aroundTable(readme).table);
  const stale: string[] = [];
  for (const [title, { cells }] of columnsOf(outcomes)) {
    for (const [name, cell] of cells) {
      const was = written.get(title)?.cells.get(name);
      if (was !== undefined && gapsIn(was) === gapsIn(cell)) continue;
      stale.push(`README.md says of ${name} on ${title} "${was ?? ""}", the run "${cell}"; write it with --write`);
    }
  }
  return stale;
}

function columnsOf(outcomes: readonly Outcome[]): Columns {
  const columns: Columns = new Map();
  for (const outcome of outcomes) {
    if ("missing" in outcome) continue;
    const cells = outcome.verdicts.map(({ package: name, passed, gaps }) => {
      return [name, gaps === 0 ? `${passed}` : `${passed}, ${gaps} not`] as const;
    });
    const version = outcome.version.split(".").slice(0, 2).join(".");
    columns.set(outcome.runtime.title, { version, cells: new Map(cells) });
  }
  return columns;
}

function columnsIn(table: string): Columns {
  const [heads = [], , ...rows] = table.split("\n").map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const columns: Columns = new Map();
  for (const [index, head] of heads.entries()) {
    const [, title = "", version = ""] = /^(.+) ([\d.]+)$/.exec(head) ?? [];
    if (title === "") continue;
    const cells = rows.map((row) => [row[0]?.replaceAll("`", "") ?? "", row[index] ?? ""] as const);
    columns.set(title, { version, cells: new Map(cells.filter(([, cell]) => cell !== "")) });
  }
  return columns;
}

function aroundTable(readme: string): { before: string; after: string; table: string } {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`README.md has no ${BEGIN} … ${END}`);
  return {
    before: readme.slice(0, begin),
    after: readme.slice(end + END.length),
    table: readme.slice(begin + BEGIN.length, end).trim(),
  };
}

function gapsIn(cell: string): string {
  return /, (\d+) not$/.exec(cell)?.[1] ?? "";
}
