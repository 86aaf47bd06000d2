import type { EndLine } from "./json-line.ts";

/** The last line for machines. */
export function endLine(exitCode: number): EndLine {
  return {
    type: "end",
    exitCode,
    // Since the process began.
    seconds: Math.round(performance.now()) / 1000,
    peakMemory: process.resourceUsage().maxRSS * 1024,
  };
}
