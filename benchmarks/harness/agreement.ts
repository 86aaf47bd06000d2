import type { Outcome } from "./case.ts";

/**
 * Holds all runs of a case against each other: a contender that skips work, or does other work, must not count.
 *
 * @returns A function to be called with each outcome and who reported it; it throws an Error that names both sides.
 */
export function createAgreement(): (contender: string, outcome: Outcome | undefined) => void {
  const first = new Map<keyof Outcome, { value: unknown; contender: string }>();
  return (contender, outcome) => {
    const { bytes, operations = 0 } = outcome ?? { bytes: 0 };
    if (![bytes, operations].every((count) => Number.isSafeInteger(count) && count >= 0) || bytes + operations === 0) {
      throw new Error(`"${contender}" did no work: it reported ${JSON.stringify(outcome)}`);
    }
    for (const field of ["bytes", "operations", "digest"] as const) {
      const value = outcome?.[field];
      if (value === undefined) continue;
      const known = first.get(field);
      if (known === undefined) {
        first.set(field, { value, contender });
      } else if (known.value !== value) {
        throw new Error(
          `contenders disagree on ${field}: "${known.contender}" reported ${known.value}, "${contender}" ${value}`,
        );
      }
    }
  };
}
