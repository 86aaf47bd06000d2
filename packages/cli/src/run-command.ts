import { endLine } from "./end-line.ts";
import { EXIT } from "./exit-code.ts";
import { interruption } from "./interruption.ts";
import type { Invocation } from "./invocation.ts";
import { Output } from "./output.ts";
import type { GlobalOptions } from "./program.ts";
import { reportFailure } from "./report-failure.ts";
import { Traffic } from "./traffic.ts";

/** Runs one command, tells its end, and gives its exit code. */
export async function runCommand(
  { json, quiet, verbose, progress }: GlobalOptions,
  command: (invocation: Invocation) => Promise<number>,
): Promise<number> {
  const output = new Output({ json, quiet, verbose });
  const signal = interruption(() => output.note("Stopping; once more stops at once."));
  if (process.argv.some(holdsPassword)) {
    output.note("The password in the address shows with ps to every user of this machine.");
  }
  let exitCode: number;
  try {
    exitCode = await command({ output, traffic: new Traffic(output), signal, progress });
  } catch (error) {
    exitCode = reportFailure(output, error).exitCode;
  }
  if (signal.aborted && exitCode !== EXIT.ok) exitCode = EXIT.interrupted;
  output.machine(endLine(exitCode));
  return exitCode;
}

function holdsPassword(argument: string): boolean {
  const url = /^https?:\/\//i.test(argument) ? URL.parse(argument) : null;
  return url !== null && url.password !== "";
}
