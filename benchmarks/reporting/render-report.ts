import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { markdownReport } from "./markdown.ts";
import { htmlPage } from "./page.ts";
import type { Recorded } from "./recorded.ts";
import { sectionsOf } from "./sections.ts";

/**
 * Writes the report: the same files for the same results, byte for byte.
 *
 * @param folder Where `results.json` lies; charts that no result asks for any more are removed.
 * @param recorded What is shown.
 */
export function renderReport(folder: URL, recorded: Recorded): void {
  const sections = sectionsOf(recorded);
  const figures = sections.flatMap((section) => section.figures);
  for (const name of readdirSync(folder)) if (name.endsWith(".svg")) rmSync(new URL(name, folder));
  for (const { file, svg } of figures) writeFileSync(new URL(file, folder), svg);
  writeFileSync(new URL("README.md", folder), markdownReport(sections));
  writeFileSync(new URL("index.html", folder), htmlPage(sections));
}
