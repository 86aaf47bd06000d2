import type { OptionRule } from "./expect-options.ts";

/**
 * What the options of `retry` that are numbers and functions must be, for those whose options hold them, too.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { expectOptions, retryRules } from "@sluice/retry";
 *
 * assert.throws(() => expectOptions("poll", { attempts: 0 }, { ...retryRules, interval: 0 }), {
 *   message: 'Cannot poll: "attempts" must be a whole number >= 1, received 0',
 * });
 * ```
 */
export const retryRules: Readonly<Record<string, OptionRule>> = {
  attempts: 1,
  base: 0,
  cap: 0,
  deadline: 0,
  retryable: "function",
  random: "function",
  onRetry: "function",
};
