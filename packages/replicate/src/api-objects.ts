/** A file at Replicate, as its API tells it. */
export interface ReplicateFile {
  readonly id: string;
  readonly name?: string;
  readonly content_type: string;
  readonly size: number;
  readonly etag?: string;
  readonly checksums: { readonly sha256?: string | null; readonly md5?: string | null };
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly created_at: string;
  /** A day after it was created, as recorded. */
  readonly expires_at?: string | null;
  readonly urls: { readonly get: string };
}

/** Where a prediction stands. An open union: what is not known is taken for running, and the wait for it is bounded. */
export type PredictionStatus =
  | "starting"
  | "processing"
  | "succeeded"
  | "failed"
  | "canceled"
  | "aborted"
  | (string & {});

/** A prediction, as the API tells it; where it leaves out `output`, `error` or `logs`, they are null, null and "". */
export interface Prediction {
  readonly id: string;
  readonly status: PredictionStatus;
  readonly output: unknown;
  readonly error: unknown;
  readonly logs: string;
  readonly model?: string;
  readonly version?: string;
  readonly deployment?: string;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly source?: string;
  readonly data_removed?: boolean;
  readonly metrics?: Readonly<Record<string, unknown>>;
  readonly created_at?: string;
  readonly started_at?: string | null;
  readonly completed_at?: string | null;
  readonly deadline?: string | null;
  readonly urls?: {
    readonly get?: string;
    readonly cancel?: string;
    readonly stream?: string;
    readonly web?: string;
  };
}

/** What may be missing in a prediction that was just created. */
type Bare = Pick<Prediction, "id" | "status"> & { readonly [Name in "output" | "error" | "logs"]?: unknown };

export function isFile(value: unknown): value is ReplicateFile {
  const { id, size, urls } = Object(value) as Partial<ReplicateFile>;
  return typeof id === "string" && typeof size === "number" && typeof Object(urls).get === "string";
}

export function isPage(value: unknown): value is { readonly next?: string | null; readonly results: unknown[] } {
  return Array.isArray(Object(value).results);
}

export function isPrediction(value: unknown): value is Bare {
  const { id, status } = Object(value) as Partial<Prediction>;
  return typeof id === "string" && id !== "" && typeof status === "string";
}

/** The same with the members that are sometimes left out, and sometimes null. */
export function normalized(prediction: Bare): Prediction {
  const { output = null, error = null, logs } = prediction;
  return { ...prediction, output, error, logs: typeof logs === "string" ? logs : "" };
}

/** Whether nothing follows. */
export function isOver({ status }: Pick<Prediction, "status">): boolean {
  return status === "succeeded" || status === "failed" || status === "canceled" || status === "aborted";
}
