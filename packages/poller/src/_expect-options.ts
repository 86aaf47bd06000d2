import { retry } from "@sluice/retry";
import type { PollOptions } from "./poll-options.ts";

const LEAST = { interval: 0, maxInterval: 0, deadline: 0, grace: 0, readTimeout: 0 };

/** Misuse of the options is thrown here; `more` numbers, and the least that each may be, are those of a `PollStream`. */
export function expectOptions(action: string, options: PollOptions<never>, more?: Record<string, number>): void {
  const expect = (name: string, kind: string, expected: string, isValid: (value: number) => boolean): void => {
    const value = (options as Record<string, unknown>)[name];
    if (value === undefined) return;
    const ofKind = typeof value === kind;
    if (ofKind && isValid(value as number)) return;
    throw new (ofKind ? RangeError : TypeError)(
      `Cannot ${action}: "${name}" must be a ${expected}, received ${ofKind ? value : typeof value}`,
    );
  };
  for (const [name, least] of Object.entries({ ...LEAST, ...more })) {
    const whole = least === 1;
    expect(
      name,
      "number",
      `${whole ? "whole" : "finite"} number >= ${least}`,
      (value) => value >= least && value < Infinity && !(whole && value % 1),
    );
  }
  for (const name of ["onSnapshot", "onEvent"]) expect(name, "function", "function", () => true);
  // Nothing is tried: `retry` looks at its options before all else, and throws as is its way.
  retry(async () => {}, { ...options.retry, random: options.random, budget: undefined, signal: undefined });
}
