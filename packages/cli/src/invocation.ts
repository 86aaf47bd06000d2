import type { Output } from "./output.ts";
import { ProgressBoard } from "./progress-board.ts";
import type { Traffic } from "./traffic.ts";

/** What every command gets besides its own options. */
export interface Invocation {
  readonly output: Output;
  readonly traffic: Traffic;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Whether `--no-progress` was left out. */
  readonly progress: boolean;
}

/** A board that is shown as it fits: bars on a terminal, plain lines elsewhere, nothing with `--quiet`. */
export async function openBoard({ output, traffic, progress }: Invocation): Promise<ProgressBoard> {
  const connections = () => traffic.inFlight;
  if (output.quiet || !progress) return new ProgressBoard(undefined, connections);
  const { stderr, env } = process;
  // A terminal without a height, as some remote shells give one, shows no bars.
  if (stderr.isTTY && stderr.rows > 0 && !env["CI"] && env["TERM"] !== "dumb") {
    const { progressBars } = await import("./progress-bars.ts");
    return new ProgressBoard(progressBars(output, stderr), connections);
  }
  const { progressLines } = await import("./progress-lines.ts");
  return new ProgressBoard(progressLines(output), connections);
}
