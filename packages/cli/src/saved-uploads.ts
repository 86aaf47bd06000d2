import type { Journal, JournalWarning } from "@sluice/uploader";
import type { ProviderValues } from "./providers/provider-entry.ts";
import { workId } from "./work-id.ts";

/** What an upload is known by: all that is needed to take it up again, and no credential. */
export interface UploadKey {
  readonly provider: string;
  readonly baseUrl: string | undefined;
  /** The file's absolute path. */
  readonly path: string;
  readonly name: string | undefined;
  readonly type: string | undefined;
  readonly values: ProviderValues;
}

/** An upload in the journal. */
export interface SavedUpload extends UploadKey {
  readonly kind: "upload";
  readonly id: string;
  readonly key: string;
  readonly size: number | undefined;
  /** Bytes that have arrived. */
  readonly arrived: number | undefined;
  readonly createdAt: Date | undefined;
}

const FORMAT = "sluice send";

/** What the journal calls an upload: the same for the same command line, so that repeating it resumes, too. */
export function uploadKey({ provider, baseUrl, path, name, type, values }: UploadKey): string {
  const sorted = Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify({ format: FORMAT, provider, baseUrl, path, name, type, values: sorted });
}

/** What the journal has of an upload; undefined for a key of anything else. */
export async function savedUpload(
  journal: Journal,
  key: string,
  given: Readonly<Record<string, unknown>>,
  warn: (warning: JournalWarning) => void,
): Promise<SavedUpload | undefined> {
  const { format, ...rest } = given;
  if (format !== FORMAT) return undefined;
  const { readUpload } = await import("@sluice/uploader/node");
  const { size, arrived, createdAt } = (await readUpload(journal, key, warn)) ?? {};
  return { kind: "upload", ...(rest as unknown as UploadKey), id: workId(key), key, size, arrived, createdAt };
}
