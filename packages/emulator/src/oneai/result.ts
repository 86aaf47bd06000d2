import type { Input, SeenInput, Utterance } from "./input.ts";
import type { Pipeline, Step } from "./pipeline-request.ts";
import type { Schema } from "./script.ts";

/** Skills that write a text of their own, which the skills after them are given; all others label what they are given. */
const GENERATORS: ReadonlySet<string> = new Set([
  "transcribe",
  "summarize",
  "html-extract-article",
  "html-extract-text",
  "enhance",
  "pdf-extract-text",
]);

const STATS = { concurrency_wait_time: 0, total_running_jobs: 1, total_waiting_jobs: 0 };

/** A result, and what the headers of its reply count. */
export interface Made {
  readonly result: Readonly<Record<string, unknown>>;
  readonly words: number;
  readonly seconds: number;
}

/** What the pretend skills make of an input: each tells the digests of the bytes that it was given. */
export function makeResult(input: Input, { steps, contentType, script }: Pipeline): Made {
  const said = JSON.stringify(digestOf(input.seen));
  const text = input.text ?? said;
  const one = {
    ...forms(script.schema, { input_text: text }, { input: input.utterances ?? [{ utterance: text }] }),
    status: "success",
    error: null,
    output: outputsOf(input, steps, text, said, script.schema),
  };
  const result = /^text\/csv\b/i.test(contentType ?? "") ? { outputs: [one], stats: STATS } : { ...one, stats: STATS };
  const voice = steps.some(({ skill }) => skill === "transcribe");
  return { result, words: text.split(/\s+/).length, seconds: voice ? Math.ceil((input.seen.size ?? 0) / 32_000) : 0 };
}

interface Output {
  readonly name: string;
  readonly id: number;
  readonly text: string;
  readonly contents: readonly Utterance[];
  readonly labels: unknown[];
}

/** The input with its labels, and a text of every generator with the labels made of that. */
function outputsOf(input: Input, steps: readonly Step[], text: string, said: string, schema: Schema): unknown[] {
  const outputs: Output[] = [];
  for (const [index, { skill, params }] of steps.entries()) {
    if (GENERATORS.has(skill)) {
      const speaker = params["speaker_detection"] === true ? { speaker: "SPEAKER 1", timestamp: "00:00:00.000" } : {};
      outputs.push({ name: skill, id: index + 1, text: said, contents: [{ ...speaker, utterance: said }], labels: [] });
    } else if (outputs.length === 0) {
      outputs.push({ name: "input", id: 0, text, contents: input.utterances ?? [{ utterance: text }], labels: [] });
    }
    const output = outputs.at(-1) as Output;
    output.labels.push(labelOf(skill, output.text, input.seen));
  }
  return outputs.map(({ name, id, text: own, contents, labels }) => ({
    text_generated_by_step_name: name,
    text_generated_by_step_id: id,
    ...forms(schema, { text: own }, { contents }),
    labels,
  }));
}

function labelOf(skill: string, text: string, seen: SeenInput): Record<string, unknown> {
  return {
    type: skill,
    skill,
    name: skill === "detect-language" ? "language" : skill,
    value: skill === "detect-language" ? "English" : seen.sha256,
    speaker: null,
    data: digestOf(seen),
    span_text: text.slice(0, 100),
    span: [0, text.length],
    output_spans: [{ section: 0, start: 0, end: text.length }],
    origin: null,
    input_spans: null,
    ...(skill === "transcribe" ? { timestamp: "00:00:00.000", timestamp_end: "00:00:01.500" } : {}),
  };
}

function digestOf({ sha256, md5, size, type }: SeenInput): Omit<SeenInput, "via"> {
  return { sha256, md5, size, type };
}

function forms<Documented extends object, Sdk extends object>(
  schema: Schema,
  documented: Documented,
  sdk: Sdk,
): Partial<Documented & Sdk> {
  return { ...(schema === "sdk" ? {} : documented), ...(schema === "documented" ? {} : sdk) } as Partial<
    Documented & Sdk
  >;
}
