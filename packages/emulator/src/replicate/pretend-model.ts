import { invalid } from "./errors.ts";

/** What comes out of a pretend model. */
type OutputKind = "digest" | "text" | "image" | "file";
/** What a create call with `Prefer: wait` is answered with, and when. */
type WaitAnswer = "complete" | "early" | "partial" | "empty";

/** What a pretend model does with one input. Durations in milliseconds of the emulator's clock. */
export interface Script {
  readonly kind: OutputKind;
  /** How long it waits to begin. */
  readonly start: number;
  /** How long it runs; for ever with the outcome `never`. */
  readonly run: number;
  readonly outcome: "succeeded" | "failed" | "aborted" | "never";
  readonly error: string;
  readonly answer: WaitAnswer;
  /** Bytes of a generated file. */
  readonly size: number;
  /** How many files are generated. */
  readonly count: number;
}

/** How long pretend models take unless told otherwise. */
export interface Pace {
  readonly start: number;
  readonly run: number;
}

/** The member of an input that is an instruction to the emulator. */
export const INSTRUCTION = "emulate";

const LARGEST_OUTPUT = 8 * 1024 ** 3;
const YEAR = 365 * 86_400_000;
const KINDS: readonly string[] = ["digest", "text", "image", "file"] satisfies OutputKind[];

/** What a word in a model's name makes it do: `owner/text-fail` fails. */
const WORDS: Readonly<Record<string, Partial<Script>>> = {
  fail: { outcome: "failed" },
  aborted: { outcome: "aborted" },
  never: { outcome: "never" },
  slow: { run: 60_000 },
  early: { answer: "early" },
  partial: { answer: "partial" },
  empty: { answer: "empty" },
};

const CHECKS: { readonly [Name in keyof Script]: readonly [expected: string, holds: (value: unknown) => boolean] } = {
  kind: oneOf(...KINDS),
  start: number(0, YEAR),
  run: number(0, YEAR),
  outcome: oneOf("succeeded", "failed", "aborted", "never"),
  error: ["a string", (value) => typeof value === "string"],
  answer: oneOf("complete", "early", "partial", "empty"),
  size: number(0, LARGEST_OUTPUT),
  count: number(1, 100),
};

/** What a model does, by the words in its name and by what the input says. */
export function scriptOf(model: string, input: Readonly<Record<string, unknown>>, pace: Pace): Script {
  const words = wordsOf(model);
  const kind = kindOf(model) ?? (isPrompt(input) ? "text" : "digest");
  return Object.assign(
    {
      kind,
      ...pace,
      outcome: "succeeded",
      error: "The model failed, as it was told to",
      answer: "complete",
      size: 1024 * 1024,
      count: 1,
    },
    ...words.map((word) => (Object.hasOwn(WORDS, word) ? WORDS[word] : {})),
    instructionOf(input),
  );
}

/** What a model puts out, where its name says so. */
export function kindOf(model: string): OutputKind | undefined {
  return wordsOf(model).find((word): word is OutputKind => KINDS.includes(word));
}

function wordsOf(model: string): string[] {
  return model.slice(model.indexOf("/") + 1).split(/[-_.]/);
}

/** What language models are given. */
function isPrompt(input: Readonly<Record<string, unknown>>): boolean {
  return typeof input["prompt"] === "string";
}

function instructionOf({ [INSTRUCTION]: given }: Readonly<Record<string, unknown>>): Partial<Script> {
  if (given === undefined) return {};
  if (typeof given !== "object" || given === null) throw invalid(`input.${INSTRUCTION}`, "must be an object");
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(CHECKS, name)) throw invalid(`input.${INSTRUCTION}`, `there is no "${name}"`);
    const [expected, holds] = CHECKS[name as keyof Script];
    if (!holds(value)) throw invalid(`input.${INSTRUCTION}.${name}`, `must be ${expected}`);
  }
  return given;
}

function oneOf(...values: readonly string[]): [string, (value: unknown) => boolean] {
  return [`one of ${values.join(", ")}`, (value) => values.includes(value as string)];
}

function number(least: number, most: number): [string, (value: unknown) => boolean] {
  const holds = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;
  return [`an integer from ${least} to ${most}`, holds];
}
