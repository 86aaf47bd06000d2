import { formatMachine } from "../harness/report.ts";
import { colours } from "./drawing.ts";
import type { Section } from "./sections.ts";
import type { Table } from "./tables.ts";

const STYLE = `
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--text);font:15px/1.55 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
main{max-width:1000px;margin:0 auto;padding:40px 24px 96px}
h1{font-size:30px;line-height:1.2;margin:0 0 8px}
h2{font-size:21px;margin:64px 0 4px;padding-top:24px;border-top:1px solid var(--grid)}
h3{font-size:14px;margin:28px 0 4px}
p{margin:6px 0;max-width:72ch}
.muted{color:var(--muted);font-size:13px}
nav{display:flex;flex-wrap:wrap;gap:4px 18px;margin-top:20px}
a{color:var(--better);text-decoration:none}
a:hover{text-decoration:underline}
code{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--grid);padding:2px 6px;border-radius:4px}
figure{margin:16px 0;overflow-x:auto}
figure svg{max-width:100%;height:auto}
details{margin:16px 0}
summary{cursor:pointer;color:var(--muted)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums;margin-top:8px}
th,td{padding:5px 14px 5px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--grid)}
th{color:var(--muted);font-weight:500;white-space:nowrap}
td{min-width:72px}
.failed{color:var(--worse)}
`;

/** The report as one page that loads nothing. */
export function htmlPage(sections: readonly Section[]): string {
  const nav = sections.map(({ title }) => `<a href="#${anchor(title)}">${escaped(title)}</a>`).join("");
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sluice: benchmarks</title>
<style>${colours(":root")}${STYLE}</style>
<main>
<h1>Sluice: benchmarks</h1>
<p>Memory that does not grow with the data, and the speed of each piece beside what a person would otherwise use. Ratios are of rounds that ran in turns: a bar is the median, the thin line goes from the lowest to the highest round.</p>
<nav>${nav}</nav>
${sections.map(sectionMarkup).join("\n")}
</main>
</html>
`;
}

function sectionMarkup({ title, text, command, figures, tables, group }: Section): string {
  const drawn = figures.map(({ title: caption, svg }) => `<h3>${escaped(caption)}</h3><figure>${svg}</figure>`);
  const inner = tables.map(tableMarkup).join("\n");
  const folded = figures.length > 0 ? `<details><summary>The figures as tables</summary>${inner}</details>` : inner;
  const failed = (group?.failures ?? []).map(
    ({ what, message }) =>
      `<p class="failed">Failed: ${escaped(what)}. ${escaped(message.split("\n", 1)[0] ?? "")}</p>`,
  );
  return `<section id="${anchor(title)}">
<h2>${escaped(title)}</h2>
<p>${escaped(text)}</p>
${command ? `<p><code>${escaped(command)}</code></p>` : ""}
${drawn.join("\n")}
${folded}
${failed.join("\n")}
${group ? `<p class="muted">${escaped(formatMachine(group.machine))} · ${group.seconds} s</p>` : ""}
</section>`;
}

function tableMarkup(table: Table): string {
  const [heading = [], ...rows] = table;
  if (rows.length === 0) return "<p>None.</p>";
  const line = (tag: string, cells: readonly string[]) =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join("")}</tr>`;
  return `<div class="scroll"><table>${line("th", heading)}${rows.map((row) => line("td", row)).join("")}</table></div>`;
}

function anchor(title: string): string {
  return title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
