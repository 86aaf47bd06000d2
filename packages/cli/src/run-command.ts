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
  let exitCode: number;
  try {
    exitCode = await command({ output, traffic: new Traffic(output), signal, progress });
  } catch (error) {
    exitCode = reportFailure(output, error).exitCode;
  }
  if (signal.aborted && exitCode !== EXIT.ok) exitCode = EXIT.interrupted;
  output.machine({
    type: "end",
    exitCode,
    // Since the process began.
    seconds: Math.round(performance.now()) / 1000,
    peakMemory: process.resourceUsage().maxRSS * 1024,
  });
  return exitCode;
}
