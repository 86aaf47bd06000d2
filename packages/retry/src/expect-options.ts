/**
 * What an option must be: a string, a function, a number above 0, or one of at least so much; from 1 on a whole one.
 * Infinity is neither a fraction nor finite.
 */
export type OptionRule = "string" | "function" | "positive" | number;

/**
 * Checks options as all that retries does: what is not given passes.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { expectOptions } from "@sluice/retry";
 *
 * expectOptions("poll", { interval: 500 }, { interval: 0, deadline: 0, attempts: 1 });
 * assert.throws(() => expectOptions("poll", { interval: -1 }, { interval: 0 }), {
 *   name: "RangeError",
 *   message: 'Cannot poll: "interval" must be a finite number >= 0, received -1',
 * });
 * ```
 *
 * @param action as the message calls it
 * @param required whether what is not given is wrong, too
 * @throws {TypeError | RangeError} for a value of the wrong kind, and for a number that is wrong
 */
export function expectOptions(
  action: string,
  options: object,
  rules: Readonly<Record<string, OptionRule>>,
  required = false,
): void {
  for (const [name, rule] of Object.entries(rules)) {
    const value = (options as Record<string, unknown>)[name];
    if (value === undefined && !required) continue;
    const kind = rule === "string" || rule === "function" ? rule : "number";
    const ofKind = typeof value === kind;
    if (ofKind && (kind === rule || fits(value as number, rule))) continue;
    const expected =
      typeof rule === "number"
        ? `${rule < 1 ? "finite" : "whole"} number >= ${rule}`
        : rule === kind
          ? rule
          : `${rule} number`;
    throw new (ofKind ? RangeError : TypeError)(
      `Cannot ${action}: "${name}" must be a ${expected}, received ${ofKind ? value : typeof value}`,
    );
  }
}

function fits(value: number, rule: OptionRule): boolean {
  if (typeof rule !== "number") return value > 0;
  // Infinity % 1 is NaN, which passes.
  return value >= rule && (rule < 1 ? value < Infinity : !(value % 1));
}
