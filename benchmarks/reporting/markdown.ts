import { formatMachine } from "../harness/report.ts";
import type { Section } from "./sections.ts";
import type { Table } from "./tables.ts";

/** The report as a README: charts by reference, tables in full. */
export function markdownReport(sections: readonly Section[]): string {
  const intro = [
    "# Benchmarks: the report",
    "",
    "Made by `npm run bench -- --report`; `node benchmarks/report.ts` draws it again from `results.json`. How each figure is taken, and what its columns mean, is told in [the benchmarks' README](../README.md). Ratios are of rounds that ran in turns: the median, and the lowest and highest of all rounds. A peer that is faster is shown as such; all of these are gathered in the [last section](#where-a-goal-is-missed-or-a-peer-is-faster). [index.html](index.html) has it all on one page.",
  ];
  return `${[...intro, ...sections.flatMap(sectionLines)].join("\n")}\n`;
}

function sectionLines({ title, text, command, figures, tables, group }: Section): string[] {
  return [
    "",
    `## ${title}`,
    "",
    text,
    ...(command ? ["", "```sh", command, "```"] : []),
    ...figures.flatMap((figure) => ["", `**${figure.title}**`, "", `![${figure.title}](${figure.file})`]),
    ...tables.flatMap((table) => ["", ...tableLines(table)]),
    ...(group ? ["", `Measured on ${formatMachine(group.machine)}; the group took ${group.seconds} s.`] : []),
    ...(group?.failures ?? []).flatMap(({ what, message }) => [
      "",
      `**Failed: ${what}.** ${cell(message.split("\n", 1)[0] ?? "")}`,
    ]),
  ];
}

function tableLines(table: Table): string[] {
  const [heading = [], ...rows] = table;
  if (rows.length === 0) return ["None."];
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(heading), line(heading.map(() => "---")), ...rows.map(line)];
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
