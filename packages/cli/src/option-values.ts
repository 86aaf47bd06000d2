import { parseSize } from "./byte-size.ts";
import { UsageError } from "./command-error.ts";
import { parseDuration } from "./duration.ts";
import type { ProviderEntry, ProviderValues } from "./providers/provider-entry.ts";
import { PROVIDERS } from "./providers/providers.ts";

/** A whole number of at least 1. @throws {UsageError} for anything else. */
export function parseCount(text: string, option: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && /^\d+$/.test(text)) return count;
  throw new UsageError(`"${text}" is no number for ${option}.`, "Write a whole number of at least 1.");
}

/** A size where one was given. */
export function optionalSize(text: string | undefined, option: string): number | undefined {
  return text === undefined ? undefined : parseSize(text, option);
}

/** The name by which commander gives an option's value. */
export function nameOf(flags: string): string {
  const [, long = ""] = /--([a-z-]+)/.exec(flags) ?? [];
  return long.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * The values of a provider's own options.
 *
 * @throws {UsageError} when one was given that only other providers know.
 */
export function providerValues(provider: ProviderEntry, given: Readonly<Record<string, unknown>>): ProviderValues {
  const values: Record<string, string | number> = {};
  for (const entry of PROVIDERS) {
    for (const { flags, duration, choices } of entry.options) {
      const name = nameOf(flags);
      const value = given[name];
      if (typeof value !== "string") continue;
      const [flag = flags] = flags.split(" ");
      const own = provider.options.find((option) => nameOf(option.flags) === name);
      if (own === undefined) {
        throw new UsageError(`${flag} is for ${entry.title}, not for ${provider.title}.`, "Leave it out.");
      }
      if (entry !== provider) continue;
      if (choices !== undefined && !choices.includes(value)) {
        throw new UsageError(`"${value}" is nothing for ${flag}.`, `${provider.title} takes ${choices.join(", ")}.`);
      }
      values[name] = duration ? parseDuration(value, flag) : value;
    }
  }
  return values;
}

/**
 * Members of a model's input: `name=text`, or `name:=json` for numbers, lists and the like.
 *
 * @throws {UsageError} for what is neither.
 */
export function parseInput(pairs: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name = "", sign, text = ""] = /^([^=:]+)(:?=)(.*)$/s.exec(pair) ?? [];
      if (sign === "=") return [name, text];
      if (sign === ":=") {
        try {
          return [name, JSON.parse(text)];
        } catch {
          throw new UsageError(`What stands behind "${name}:=" is no JSON.`, `For a text write ${name}=…`);
        }
      }
      throw new UsageError(`"${pair}" is no member of an input.`, "Write name=text, or name:=json.");
    }),
  );
}
