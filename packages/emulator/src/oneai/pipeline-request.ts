import { OneAiError } from "./errors.ts";
import { type Habits, type Script, scriptOf } from "./script.ts";

export interface Step {
  readonly skill: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** What is asked for, the input left aside. */
export interface Pipeline {
  readonly steps: readonly Step[];
  readonly inputType: string | undefined;
  readonly contentType: string | undefined;
  readonly encoding: string | undefined;
  readonly script: Script;
}

/** How a request is judged. */
export interface Judge {
  readonly habits: Habits;
  /** Whether it is refused what the service is documented to refuse for want of sense: voice without `transcribe` … */
  readonly strict: boolean;
}

const INPUT_TYPES: readonly string[] = ["article", "conversation", "auto-detect"];
/** Needs no more than the media type to be known for voice. */
const VOICE = /^(audio|video)\//i;
/** What is not handled by a request that waits for its result. */
const SLOW = /^text\/csv\b|\/pdf\b/i;

/** Checks the JSON of a request. */
export function readPipeline(value: unknown, sync: boolean, { habits, strict }: Judge): Pipeline {
  if (!isRecord(value)) throw new OneAiError(40008, "The pipeline must be a JSON object");
  const { steps, input_type: inputType, content_type: contentType, encoding, output_type: outputType } = value;
  for (const [name, member] of Object.entries({ input_type: inputType, content_type: contentType, encoding })) {
    if (member !== undefined && typeof member !== "string") throw new OneAiError(40008, `"${name}" must be a string`);
  }
  if (outputType !== undefined && outputType !== "json") throw new OneAiError(40008, '"output_type" must be "json"');
  if (inputType !== undefined && !INPUT_TYPES.includes(inputType as string)) {
    throw new OneAiError(40005, `"input_type" must be one of ${INPUT_TYPES.join(", ")}`);
  }
  if (encoding !== undefined && encoding !== "utf8" && encoding !== "base64") {
    throw new OneAiError(40008, '"encoding" must be "utf8" or "base64"');
  }
  const checked = readSteps(steps);
  const script = scriptOf(
    checked.map(({ params }) => params),
    habits,
  );
  if (script.refuse !== undefined) throw new OneAiError(script.refuse, "As it was told to");
  const pipeline = { steps: checked, inputType, contentType, encoding, script } as Pipeline;
  if (strict) beStrict(pipeline, sync);
  return pipeline;
}

function readSteps(steps: unknown): Step[] {
  if (!Array.isArray(steps) || steps.length === 0)
    throw new OneAiError(40008, '"steps" must be a list that is not empty');
  return steps.map((step: unknown, index) => {
    const { skill, params = {} } = Object(step) as { skill?: unknown; params?: unknown };
    if (typeof skill !== "string" || skill === "")
      throw new OneAiError(40008, `"steps[${index}].skill" must be a string`);
    if (!isRecord(params)) throw new OneAiError(40008, `"steps[${index}].params" must be an object`);
    return { skill, params };
  });
}

function beStrict({ steps, contentType = "" }: Pipeline, sync: boolean): void {
  const transcribes = steps.some(({ skill }) => skill === "transcribe");
  if (VOICE.test(contentType) && !transcribes)
    throw new OneAiError(40011, `"${contentType}" needs the skill "transcribe"`);
  if (transcribes && contentType !== "" && !VOICE.test(contentType)) {
    throw new OneAiError(40003, `"transcribe" takes voice, received "${contentType}"`);
  }
  if (sync && SLOW.test(contentType))
    throw new OneAiError(40005, `"${contentType}" is taken by asynchronous calls alone`);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
