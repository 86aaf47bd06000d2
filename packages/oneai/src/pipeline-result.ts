import type { Reply } from "@sluice/http";
import type { Utterance } from "./pipeline-request.ts";

/** What a skill found, as the service tells it. */
export interface Label {
  readonly type?: string | null;
  readonly skill?: string | null;
  readonly name?: string | null;
  readonly value?: unknown;
  readonly speaker?: string | null;
  readonly span?: readonly number[] | null;
  readonly span_text?: string | null;
  readonly output_spans?: readonly { readonly section: number; readonly start: number; readonly end: number }[] | null;
  readonly input_spans?: unknown;
  /** `hh:mm:ss.mmm`. */
  readonly timestamp?: string | null;
  readonly timestamp_end?: string | null;
  readonly data?: unknown;
  readonly [name: string]: unknown;
}

/** A text that came out of a step, or the input, with the labels that were made of it. */
export interface PipelineOutput {
  /** The skill that wrote the text; "input" for the input. */
  readonly step: string | undefined;
  /** The step's place, from 1; 0 for the input. */
  readonly stepId: number | undefined;
  readonly text: string;
  readonly contents: readonly Utterance[];
  readonly labels: readonly Label[];
}

/** What came out of a pipeline, in one form whatever form the service gives it. */
export interface PipelineResult {
  /** The text of the input; of voice and documents where the service tells it. */
  readonly inputText: string | undefined;
  readonly input: readonly Utterance[] | undefined;
  /** In the order of the steps. */
  readonly output: readonly PipelineOutput[];
  /** One for each row, where the input was a table. */
  readonly outputs?: readonly PipelineResult[];
  readonly stats: Readonly<Record<string, unknown>> | undefined;
  /** What is billed, where the reply says so: words of text, and milliseconds of voice. */
  readonly usage: { readonly words: number | undefined; readonly transcribed: number | undefined };
  readonly requestId: string | undefined;
  /** Of the task, where it was one. */
  readonly taskId?: string;
  readonly createdAt?: Date;
  readonly completedAt?: Date;
  /** The result as the service gave it. */
  readonly raw: unknown;
}

/** A result, or a list of them, in either form. */
export function isResult(value: unknown): value is Record<string, unknown> {
  const { output, outputs } = Object(value) as Record<string, unknown>;
  return Array.isArray(outputs) ? outputs.every(isResult) : Array.isArray(output);
}

/** Whether a reply says that it failed, whatever its HTTP status. */
export function isFailed(value: unknown): boolean {
  const { status, error, status_code: code } = Object(value) as Record<string, unknown>;
  return (
    (error !== undefined && error !== null) || status === "FAILED" || typeof code === "number" || isBadWord(status)
  );
}

function isBadWord(status: unknown): boolean {
  return typeof status === "string" && /^(error|failed|failure)$/i.test(status);
}

/** A result in one form. */
export function resultOf(
  raw: Record<string, unknown>,
  { requestId, usage }: Pick<PipelineResult, "requestId" | "usage">,
): PipelineResult {
  const rows = Array.isArray(raw["outputs"]) ? raw["outputs"].filter(isResult) : undefined;
  const input = utterancesIn(raw["input"]);
  const text = raw["input_text"];
  const none = { words: undefined, transcribed: undefined };
  return {
    inputText: typeof text === "string" ? text : input && textOf(input),
    input: input ?? (typeof text === "string" ? [{ utterance: text }] : undefined),
    output: Array.isArray(raw["output"]) ? raw["output"].map(outputOf) : [],
    ...(rows && { outputs: rows.map((row) => resultOf(row, { requestId, usage: none })) }),
    stats: Object(raw["stats"]) === raw["stats"] ? (raw["stats"] as Record<string, unknown>) : undefined,
    usage,
    requestId,
    raw,
  };
}

/** What the headers of a reply tell of a result. */
export function headersOf({
  headers,
  requestId,
}: Pick<Reply, "headers" | "requestId">): Pick<PipelineResult, "requestId" | "usage"> {
  const count = (name: string) => {
    const value = Number.parseInt(headers.get(name) ?? "", 10);
    return value >= 0 ? value : undefined;
  };
  const seconds = count("x-oneai-transcribe-seconds-count");
  return {
    requestId: headers.get("x-oneai-request-id") ?? requestId,
    usage: { words: count("x-oneai-word-count"), transcribed: seconds === undefined ? undefined : seconds * 1000 },
  };
}

/** The service's times have no zone: they are UTC. */
export function dateOf(time: unknown): Date | undefined {
  if (typeof time !== "string") return undefined;
  const date = new Date(/(Z|[+-]\d\d:?\d\d)$/i.test(time) ? time : `${time}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function outputOf(value: unknown): PipelineOutput {
  const {
    text_generated_by_step_name: step,
    text_generated_by_step_id: stepId,
    text,
    contents,
    labels,
  } = Object(value) as Record<string, unknown>;
  const said = utterancesIn(contents);
  const own = typeof text === "string" ? text : said && textOf(said);
  return {
    step: typeof step === "string" ? step : undefined,
    stepId: typeof stepId === "number" ? stepId : undefined,
    text: own ?? "",
    contents: said ?? (own === undefined ? [] : [{ utterance: own }]),
    labels: Array.isArray(labels) ? (labels.filter((label) => Object(label) === label) as Label[]) : [],
  };
}

function utterancesIn(value: unknown): Utterance[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter((item) => typeof Object(item).utterance === "string");
}

function textOf(utterances: readonly Utterance[]): string {
  return utterances.map(({ speaker, utterance }) => (speaker ? `${speaker}: ${utterance}` : utterance)).join("\n");
}
