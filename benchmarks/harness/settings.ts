import { parseArgs } from "node:util";
import { parseSize } from "./size.ts";

/** What the command line asks for. */
export interface Settings {
  /** Groups to run, in this order; all of them if none is named. */
  readonly groups: readonly string[];
  /** Of these groups, the cases whose names hold this text. */
  readonly only: string | undefined;
  readonly quick: boolean;
  /** Replaces the bytes of cases of mode `process`; cases that run at several sizes get it as one more. */
  readonly size: number | undefined;
  /** Where the raw results go. */
  readonly json: string | undefined;
  /** Whether the groups that were run replace those in the report. */
  readonly report: boolean;
  readonly list: boolean;
}

/**
 * Reads the command line.
 *
 * @param args What stands behind the script's name.
 * @param known The groups there are.
 * @throws Error with one line to print: an unknown group or flag, a bad size.
 */
export function parseSettings(args: readonly string[], known: readonly string[]): Settings {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      only: { type: "string" },
      quick: { type: "boolean", default: false },
      size: { type: "string" },
      json: { type: "string" },
      report: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
    },
  });
  const unknown = positionals.find((name) => !known.includes(name));
  if (values.only !== undefined && values.report)
    throw new RangeError("--only leaves cases out, which a report may not");
  if (unknown !== undefined) throw new RangeError(`there is no group ${JSON.stringify(unknown)}`);
  return {
    groups: positionals.length > 0 ? positionals : known,
    only: values.only,
    quick: values.quick,
    size: values.size === undefined ? undefined : parseSize(values.size),
    json: values.json,
    report: values.report,
    list: values.list,
  };
}
