import { describe, fromHex, toHex } from "./_text.ts";
import { ALGORITHMS, type Algorithm, assertAlgorithm, isAlgorithm } from "./algorithm.ts";
import type { CustomHasher } from "./custom-hasher.ts";
import type { HashState } from "./hash-state.ts";
import { openHashState } from "./hasher.ts";

/** One algorithm of a stage, all of its options checked. */
export interface Member {
  readonly name: string;
  /** Absent when it is one of ours. */
  readonly hasher?: CustomHasher;
  readonly from?: HashState | undefined;
  /** In lower-case hexadecimal. */
  readonly expected?: string | undefined;
}

export interface Plan {
  readonly members: readonly Member[];
  readonly resumable: boolean;
}

interface PlanOptions {
  readonly expect?: unknown;
  readonly from?: unknown;
  readonly resumable?: boolean | undefined;
  readonly worker?: boolean | undefined;
}

/** @throws {TypeError} {RangeError} {StateRefusedError} */
export function planOf(
  action: string,
  algorithms: unknown,
  { expect, from, resumable, worker }: PlanOptions = {},
): Plan {
  const list: unknown[] = Array.isArray(algorithms) ? algorithms : [algorithms];
  if (list.length === 0) throw new RangeError(`Cannot ${action}: at least one algorithm is needed, received none`);
  if (resumable !== undefined && typeof resumable !== "boolean") {
    throw new TypeError(`Cannot ${action}: "resumable" must be a boolean, received ${describe(resumable)}`);
  }
  const hashers = list.map((given) => (isHasher(given) ? given : undefined));
  const names = list.map((given, index) => {
    const name = hashers[index]?.algorithm;
    if (name !== undefined) return name;
    assertAlgorithm(action, given);
    return given;
  });
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) !== index) throw new RangeError(`Cannot ${action}: received ${JSON.stringify(name)} twice`);
  }
  const expected = byName(action, "expect", expect, names, (value) => typeof value === "string" || isBytes(value));
  const states = byName(action, "from", from, names, (value) => typeof (value as HashState)?.format === "number");
  return {
    resumable: resumable ?? from !== undefined,
    members: names.map((name, index) => {
      const hasher = hashers[index];
      const state = states.get(name) as HashState | undefined;
      if (hasher && state !== undefined) {
        throw new TypeError(`Cannot ${action}: "from" cannot resume a hasher that is passed; resume it before`);
      }
      if (hasher && worker) {
        throw new TypeError(`Cannot ${action}: "worker" needs algorithms by name, and ${name} is a hasher`);
      }
      if (hasher && resumable && typeof hasher.save !== "function") {
        throw new TypeError(`Cannot ${action}: "resumable" needs a save function, which the ${name} hasher has not`);
      }
      if (!hasher && states.has(name)) openHashState(state as HashState, name as Algorithm);
      const expectation = expected.has(name) ? digestOf(action, name, expected.get(name)) : undefined;
      return { name, ...(hasher ? { hasher } : {}), from: state, expected: expectation };
    }),
  };
}

/** An option that is either one value, for one algorithm, or an object of them by name. */
function byName(
  action: string,
  option: string,
  given: unknown,
  names: readonly string[],
  isValue: (given: unknown) => boolean,
): Map<string, unknown> {
  if (given === undefined) return new Map();
  if (isValue(given)) {
    if (names.length === 1) return new Map([[names[0] as string, given]]);
    throw new TypeError(`Cannot ${action}: "${option}" must be an object by algorithm when there are several`);
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new TypeError(
      `Cannot ${action}: "${option}" must be a value or an object by algorithm, received ${describe(given)}`,
    );
  }
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  for (const [name] of entries) {
    if (!names.includes(name)) {
      throw new RangeError(
        `Cannot ${action}: "${option}" must name algorithms of this stage (${names.join(", ")}), received ${JSON.stringify(name)}`,
      );
    }
  }
  return new Map(entries);
}

/** An expectation as it is compared. */
function digestOf(action: string, name: string, given: unknown): string {
  if (typeof given !== "string" && !isBytes(given)) {
    throw new TypeError(
      `Cannot ${action}: the ${name} expected must be hexadecimal text or a Uint8Array, received ${describe(given)}`,
    );
  }
  const bytes = typeof given === "string" ? fromHex(given) : given;
  const length = isAlgorithm(name) ? ALGORITHMS[name].length : bytes?.length;
  if (!bytes || bytes.length === 0 || bytes.length !== length) {
    const received = typeof given === "string" ? JSON.stringify(given) : `${given.length} bytes`;
    const required = length ? `${length} bytes, or ${2 * length} hexadecimal digits` : "bytes, or hexadecimal digits";
    throw new RangeError(`Cannot ${action}: the ${name} expected must be ${required}, received ${received}`);
  }
  return toHex(bytes);
}

function isHasher(given: unknown): given is CustomHasher {
  const hasher = given as CustomHasher | null | undefined;
  return (
    typeof hasher?.algorithm === "string" && typeof hasher.update === "function" && typeof hasher.digest === "function"
  );
}

function isBytes(given: unknown): given is Uint8Array {
  return given instanceof Uint8Array;
}
