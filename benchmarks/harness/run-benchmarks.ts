import { readdirSync, writeFileSync } from "node:fs";
import { loadGroup } from "./load-group.ts";
import { describeMachine } from "./machine.ts";
import { formatMachine, formatTable } from "./report.ts";
import { type CaseResult, runCase } from "./run-case.ts";
import { parseSettings, type Settings } from "./settings.ts";

const SUFFIX = ".bench.ts";

/** Where output goes, one call a line or table. */
export interface Output {
  /** Results. */
  out(text: string): void;
  /** Progress and failures. */
  err(text: string): void;
}

/**
 * The command: finds the groups, runs what is asked for, prints a table for each group as it is finished.
 *
 * @param args The command line behind the script's name.
 * @param folder URL of the folder that holds `<group>.bench.ts`.
 * @param output Where lines go.
 * @returns The exit code: 0; 1 if a case failed, the others having been run; 2 if the command line was wrong.
 */
export async function runBenchmarks(args: readonly string[], folder: URL, output: Output): Promise<0 | 1 | 2> {
  const known = readdirSync(folder)
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length))
    .sort();
  let settings: Settings;
  try {
    settings = parseSettings(args, known);
  } catch (error) {
    output.err(`bench: ${(error as Error).message.split(/\. |\n/, 1)[0]}; groups: ${known.join(", ")}`);
    return 2;
  }
  const machine = describeMachine();
  const results: CaseResult[] = [];
  const failures: string[] = [];
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      failures.push(what);
      output.err(`FAILED ${what}: ${(error as Error).message}`);
    }
  };

  if (!settings.list) output.out(formatMachine(machine));
  for (const name of settings.groups) {
    const module = new URL(name + SUFFIX, folder).href;
    await attempt(name, async () => {
      const group = await loadGroup(module);
      output.out(`${settings.list ? "" : "\n"}${name}: ${group.description}`);
      if (settings.list) {
        for (const { name: title } of group.cases) output.out(`  ${title}`);
        return;
      }
      const finished: CaseResult[] = [];
      for (const [index, definition] of group.cases.entries()) {
        output.err(`[${index + 1}/${group.cases.length}] ${name}: ${definition.name}`);
        await attempt(`${name}: ${definition.name}`, async () => {
          finished.push(await runCase(definition, { group: name, module }, settings));
        });
      }
      if (finished.length > 0) output.out(formatTable(finished));
      results.push(...finished);
    });
  }
  if (settings.json !== undefined) {
    writeFileSync(settings.json, `${JSON.stringify({ machine, settings, failures, results })}\n`);
  }
  if (failures.length > 0) output.err(`bench: ${failures.length} failed, ${results.length} finished`);
  return failures.length > 0 ? 1 : 0;
}
