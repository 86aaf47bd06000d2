import type { InputType } from "./media.ts";
import type { WireStep } from "./steps.ts";

/** What one said, in a conversation. */
export interface Utterance {
  readonly utterance: string;
  readonly speaker?: string | null | undefined;
  /** `hh:mm:ss.mmm`. */
  readonly timestamp?: string | null | undefined;
}

/** In which languages an input is taken. Members are the service's own. */
export interface Multilingual {
  readonly enabled?: boolean;
  readonly allowed_input_languages?: readonly string[];
  readonly expected_languages?: readonly string[];
  readonly override_language_detection?: string;
  readonly translate_output_to?: string;
  readonly [name: string]: unknown;
}

/** What may be said of an input. */
export interface PipelineOptions {
  /** @default what the kind of input suggests: "conversation" for voice, subtitles, JSON and lists, else "article" */
  inputType?: InputType | undefined;
  /** The media type that the service is told. @default by the name, else by the type, of what is sent */
  contentType?: string | undefined;
  /** @default false */
  multilingual?: boolean | Multilingual | undefined;
  /** What is read of a table. */
  csv?: { readonly columns?: unknown; readonly skipRows?: number; readonly maxRows?: number } | undefined;
  /** Whether outputs without content are given, too. @default the service's */
  includeEmptyOutputs?: boolean | undefined;
}

/** What is known of an input when a request is made. */
export interface Described {
  readonly inputType: InputType;
  readonly contentType: string | undefined;
}

/** The JSON of a request, its input left aside; members in the order of the official SDK for JavaScript. */
export function wireRequest(
  steps: readonly WireStep[],
  { inputType, contentType }: Described,
  { csv, multilingual = false, includeEmptyOutputs }: PipelineOptions,
): Record<string, unknown> {
  return {
    ...(csv && { csv_params: { columns: csv.columns, skip_rows: csv.skipRows, max_rows: csv.maxRows } }),
    input_type: inputType,
    output_type: "json",
    content_type: contentType,
    multilingual,
    steps,
    include_empty_outputs: includeEmptyOutputs,
  };
}
