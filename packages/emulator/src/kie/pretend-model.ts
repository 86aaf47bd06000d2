import { KieError } from "./errors.ts";

/** What comes out of a pretend model: what it saw of its files, texts, and files of its own. */
type OutputKind = "all" | "digest" | "text" | "image" | "file";

/** What a pretend model does with one input. Durations in milliseconds of the emulator's clock. */
export interface Script {
  readonly kind: OutputKind;
  /** How long the record is not there after the job was created. */
  readonly early: number;
  /** How long it is `waiting`, `queuing` and `generating`; the last for ever with the outcome `never`. */
  readonly wait: number;
  readonly queue: number;
  readonly run: number;
  readonly outcome: "success" | "fail" | "never";
  readonly failCode: string;
  readonly failMsg: string;
  /** The member of the result that holds addresses. */
  readonly urlsIn: string;
  /** Whether the record tells how far it is. */
  readonly progress: boolean;
  /** Bytes of a generated file. */
  readonly size: number;
  /** How many files are generated. */
  readonly count: number;
}

/** How long pretend models take unless told otherwise. */
export type Pace = Pick<Script, "early" | "wait" | "queue" | "run">;

/** The member of an input that is an instruction to the emulator. */
export const INSTRUCTION = "emulate";

const LARGEST_OUTPUT = 8 * 1024 ** 3;
const KINDS: readonly string[] = ["all", "digest", "text", "image", "file"] satisfies OutputKind[];

/** What a word in a model's name makes it do: `google/image-fail` fails. */
const WORDS: Readonly<Record<string, Partial<Script>>> = {
  fail: { outcome: "fail" },
  never: { outcome: "never" },
  slow: { run: 60_000 },
  sora: { progress: true },
};

const CHECKS: { readonly [Name in keyof Script]: readonly [expected: string, holds: (value: unknown) => boolean] } = {
  kind: oneOf(...KINDS),
  early: number(0, Number.MAX_SAFE_INTEGER),
  wait: number(0, Number.MAX_SAFE_INTEGER),
  queue: number(0, Number.MAX_SAFE_INTEGER),
  run: number(0, Number.MAX_SAFE_INTEGER),
  outcome: oneOf("success", "fail", "never"),
  failCode: text(),
  failMsg: text(),
  urlsIn: text(),
  progress: ["a boolean", (value) => typeof value === "boolean"],
  size: number(0, LARGEST_OUTPUT),
  count: number(1, 100),
};

/** What a model does, by the words in its name and by what the input says. */
export function scriptOf(model: string, input: Readonly<Record<string, unknown>>, pace: Pace): Script {
  const words = model.split(/[-_./]/);
  return Object.assign(
    {
      kind: words.find((word) => KINDS.includes(word)) ?? "all",
      ...pace,
      outcome: "success",
      failCode: "500",
      failMsg: "The model failed, as it was told to",
      urlsIn: "resultUrls",
      progress: false,
      size: 1024 * 1024,
      count: 1,
    },
    ...words.map((word) => (Object.hasOwn(WORDS, word) ? WORDS[word] : {})),
    instructionOf(input),
  );
}

function instructionOf({ [INSTRUCTION]: given }: Readonly<Record<string, unknown>>): Partial<Script> {
  if (given === undefined) return {};
  if (typeof given !== "object" || given === null) throw new KieError(422, `input.${INSTRUCTION} must be an object`);
  for (const [name, value] of Object.entries(given)) {
    const check = Object.hasOwn(CHECKS, name) ? CHECKS[name as keyof Script] : undefined;
    if (check === undefined) throw new KieError(422, `input.${INSTRUCTION} has no "${name}"`);
    if (!check[1](value)) throw new KieError(422, `input.${INSTRUCTION}.${name} must be ${check[0]}`);
  }
  return given;
}

function text(): [string, (value: unknown) => boolean] {
  return ["a string", (value) => typeof value === "string"];
}

function oneOf(...values: readonly string[]): [string, (value: unknown) => boolean] {
  return [`one of ${values.join(", ")}`, (value) => values.includes(value as string)];
}

function number(least: number, most: number): [string, (value: unknown) => boolean] {
  const holds = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;
  return [`an integer from ${least} to ${most}`, holds];
}
