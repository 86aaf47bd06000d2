import { readdirSync, writeFileSync } from "node:fs";
import { formatVerdict, judge } from "./judge.ts";
import { loadGroup } from "./load-group.ts";
import { describeMachine, type Machine } from "./machine.ts";
import { formatMachine, formatTable } from "./report.ts";
import type { CaseResult } from "./run-case.ts";
import { runSizes } from "./run-sizes.ts";
import { parseSettings, type Settings } from "./settings.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const SUFFIX = ".bench.ts";

/** Where output goes, one call a line or table. */
export interface Output {
  /** Results. */
  out(text: string): void;
  /** Progress and failures. */
  err(text: string): void;
}

/** A case that broke, or a bar that was not held. */
interface Failure {
  /** `group: case`, or the group alone where it could not be loaded. */
  readonly what: string;
  readonly message: string;
}

/** All that a run of one group gave. */
export interface GroupResults {
  readonly name: string;
  readonly description: string;
  readonly machine: Machine;
  readonly quick: boolean;
  readonly size?: number | undefined;
  /** What it took. */
  readonly seconds: number;
  readonly failures: readonly Failure[];
  readonly results: readonly CaseResult[];
}

/**
 * The command: finds the groups, runs what is asked for, prints a table for each group as it is finished.
 *
 * @param args The command line behind the script's name.
 * @param folder URL of the folder that holds `<group>.bench.ts`.
 * @param output Where lines go.
 * @param record Given the results of each group under `--report`, as it is finished: a run that is cut short keeps them.
 * @returns The exit code: 0; 1 if a case failed or a bar was not held, the others having been run; 2 if the command line was wrong.
 */
export async function runBenchmarks(
  args: readonly string[],
  folder: URL,
  output: Output,
  record: (group: GroupResults) => void | Promise<void> = () => {},
): Promise<0 | 1 | 2> {
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
  const groups: GroupResults[] = [];
  const failures: Failure[] = [];
  let found = 0;
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      const { message } = error as Error;
      failures.push({ what, message });
      output.err(`FAILED ${what}: ${message}`);
    }
  };

  using cache = temporaryFolder();
  if (!settings.list) output.out(formatMachine(describeMachine()));
  for (const name of settings.groups) {
    const module = new URL(name + SUFFIX, folder).href;
    await attempt(name, async () => {
      const group = await loadGroup(module, settings.only);
      if (group.cases.length === 0) return;
      found += group.cases.length;
      output.out(`${settings.list ? "" : "\n"}${name}: ${group.description}`);
      if (settings.list) {
        for (const { name: title } of group.cases) output.out(`  ${title}`);
        return;
      }
      const machine = describeMachine();
      const results: CaseResult[] = [];
      const before = failures.length;
      const start = performance.now();
      for (const [index, definition] of group.cases.entries()) {
        output.err(`[${index + 1}/${group.cases.length}] ${name}: ${definition.name}`);
        const begun = performance.now();
        await attempt(`${name}: ${definition.name}`, async () => {
          for await (const result of runSizes(
            definition,
            { group: name, module, cache: cache.path },
            settings,
            output.err,
          )) {
            results.push(result);
          }
        });
        output.err(`    ${((performance.now() - begun) / 1000).toFixed(1)} s`);
      }
      if (results.length > 0) output.out(formatTable(results));
      for (const verdict of judge(results)) {
        if (verdict.held) output.out(`held: ${formatVerdict(verdict)}`);
        else await attempt(`${name}: ${verdict.case}`, () => Promise.reject(new Error(formatVerdict(verdict))));
      }
      const { description } = group;
      const seconds = Math.round((performance.now() - start) / 1000);
      const { quick, size } = settings;
      const all = { name, description, machine, quick, size, seconds, failures: failures.slice(before), results };
      groups.push(all);
      if (settings.report) await record(all);
    });
  }
  if (settings.json !== undefined) writeFileSync(settings.json, `${JSON.stringify({ settings, groups })}\n`);
  const finished = groups.reduce((sum, { results }) => sum + results.length, 0);
  if (settings.only !== undefined && found === 0) {
    output.err(`bench: there is no case with ${JSON.stringify(settings.only)} in its name`);
    return 2;
  }
  if (failures.length > 0) output.err(`bench: ${failures.length} failed, ${finished} finished`);
  return failures.length > 0 ? 1 : 0;
}
