import type { Finding } from "./finding.ts";

/** Other work on the machine may spoil a measurement; it hardly spoils this many. */
const ATTEMPTS = 3;

/**
 * Measures until everything holds, three times at most: what is truly broken is broken every time.
 *
 * @param measure One attempt.
 * @returns What the last attempt found.
 */
export async function untilHeld(measure: () => Promise<Finding[]>): Promise<Finding[]> {
  let findings = await measure();
  for (let attempt = 1; attempt < ATTEMPTS && findings.some(({ held }) => !held); attempt += 1)
    findings = await measure();
  return findings;
}
