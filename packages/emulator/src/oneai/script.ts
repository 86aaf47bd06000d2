import { isErrorCode, OneAiError } from "./errors.ts";

/** Which of the two forms of a result is given: that of the documentation, that of the SDK 0.8, or both at once. */
export type Schema = "both" | "documented" | "sdk";

/** What a pipeline does. Durations in milliseconds of the emulator's clock. */
export interface Script {
  /** How long a task is queued. */
  readonly start: number;
  /** How long it runs. */
  readonly run: number;
  /** It runs for ever. */
  readonly never: boolean;
  /** The code that it fails with; undefined where it does not. */
  readonly fail: number | undefined;
  /** The code that the request is refused with, before there is a task. */
  readonly refuse: number | undefined;
  /** The status that a task ends with, in place of its own. */
  readonly status: string | undefined;
  readonly schema: Schema;
  /** Where a failed task has its error: as documented (`error`), where the SDKs look (`result`), or in both. */
  readonly errorAt: "both" | "error" | "result";
}

/** How long tasks take, and what they answer with, unless a request says otherwise. */
export type Habits = Pick<Script, "start" | "run" | "schema" | "errorAt">;

/** The member of a step's params that is an instruction to the emulator. */
const INSTRUCTION = "emulate";

type Check = readonly [expected: string, holds: (value: unknown) => boolean];

const duration: Check = ["a non-negative number", (value) => Number.isFinite(value) && Number(value) >= 0];
const code: Check = ["one of the service's codes, such as 40012", isErrorCode];

const CHECKS: { readonly [Name in keyof Script]: Check } = {
  start: duration,
  run: duration,
  never: ["a boolean", (value) => typeof value === "boolean"],
  fail: code,
  refuse: code,
  status: ["a string", (value) => typeof value === "string"],
  schema: ["both, documented or sdk", (value) => ["both", "documented", "sdk"].includes(value as string)],
  errorAt: ["both, error or result", (value) => ["both", "error", "result"].includes(value as string)],
};

/** What the params of the steps say. */
export function scriptOf(params: readonly Readonly<Record<string, unknown>>[], habits: Habits): Script {
  const script = { ...habits, never: false, fail: undefined, refuse: undefined, status: undefined };
  return Object.assign(script, ...params.map(({ [INSTRUCTION]: instruction }) => checked(instruction)));
}

function checked(instruction: unknown): Partial<Script> {
  if (instruction === undefined) return {};
  if (typeof instruction !== "object" || instruction === null)
    throw new OneAiError(40008, `"${INSTRUCTION}" must be an object`);
  for (const [name, value] of Object.entries(instruction)) {
    if (!Object.hasOwn(CHECKS, name)) throw new OneAiError(40008, `"${INSTRUCTION}" has no member "${name}"`);
    const [expected, holds] = CHECKS[name as keyof Script];
    if (!holds(value)) throw new OneAiError(40008, `"${INSTRUCTION}.${name}" must be ${expected}`);
  }
  return instruction;
}
