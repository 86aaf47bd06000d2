/** What a file is for. An open union: the server knows more, or fewer, than this list. */
export type Purpose = "assistants" | "batch" | "fine-tune" | "vision" | "user_data" | "evals" | (string & {});

/** When the file that an upload ends in is deleted. */
export interface ExpiresAfter {
  anchor: "created_at";
  /** 3,600 to 2,592,000. */
  seconds: number;
}

/** A file at OpenAI, as its API tells it. Times in seconds since the epoch. */
export interface OpenAIFile {
  readonly id: string;
  readonly object: "file";
  readonly bytes: number;
  readonly created_at: number;
  readonly expires_at?: number | null;
  readonly filename: string;
  readonly purpose: string;
  readonly status?: string;
}

/** An upload: the shell that parts are added to, until it becomes a file. */
export interface Upload {
  readonly id: string;
  readonly bytes: number;
  readonly created_at: number;
  readonly expires_at: number;
  readonly filename: string;
  readonly purpose: string;
  readonly status: "pending" | "completed" | "cancelled" | "expired";
  readonly file?: OpenAIFile | null;
}

/** A part that was taken. It says neither how large it is nor what it holds. */
export interface UploadPart {
  readonly id: string;
  readonly upload_id: string;
  readonly created_at: number;
}

export function isFile(value: unknown): value is OpenAIFile {
  const { id, bytes, filename } = Object(value) as Partial<OpenAIFile>;
  return typeof id === "string" && typeof bytes === "number" && typeof filename === "string";
}

export function isUpload(value: unknown): value is Upload {
  const { id, status, expires_at: expiresAt } = Object(value) as Partial<Upload>;
  return typeof id === "string" && typeof status === "string" && typeof expiresAt === "number";
}

export function isCompletedUpload(value: unknown): value is Upload & { readonly file: OpenAIFile } {
  return isUpload(value) && value.status === "completed" && isFile(value.file);
}

export function isPart(value: unknown): value is UploadPart {
  return typeof (Object(value) as Partial<UploadPart>).id === "string";
}

export function isDeletion(value: unknown): value is { readonly deleted: true } {
  return (Object(value) as { deleted?: unknown }).deleted === true;
}

export function isFileList(
  value: unknown,
): value is { readonly data: readonly OpenAIFile[]; readonly has_more?: boolean } {
  const { data } = Object(value) as { data?: unknown };
  return Array.isArray(data) && data.every(isFile);
}
