import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Journal } from "@sluice/uploader";
import { UsageError } from "./command-error.ts";
import type { ProviderValues } from "./providers/provider-entry.ts";
import { stateFolder } from "./state-folder.ts";

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
  readonly id: string;
  readonly key: string;
  readonly size: number | undefined;
  /** Bytes that have arrived. */
  readonly arrived: number | undefined;
  readonly createdAt: Date | undefined;
}

const FORMAT = "sluice send";

/** The journal of this user; uploads in it can be resumed. */
export async function openJournal(): Promise<Journal> {
  const { fileJournal } = await import("@sluice/uploader/node");
  return fileJournal(join(stateFolder(), "uploads"));
}

/** What the journal calls an upload: the same for the same command line, so that repeating it resumes, too. */
export function keyText({ provider, baseUrl, path, name, type, values }: UploadKey): string {
  const sorted = Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify({ format: FORMAT, provider, baseUrl, path, name, type, values: sorted });
}

/** What people call it. */
export function idOf(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 8);
}

/** All uploads in the journal, the oldest first. */
export async function savedUploads(journal: Journal): Promise<SavedUpload[]> {
  const found: SavedUpload[] = [];
  for await (const key of journal.list()) {
    const parsed = parseKey(key);
    if (parsed === undefined) continue;
    const entries = await journal.read(key);
    const { size, createdAt, partSize } = Object(entries[0]) as Record<string, unknown>;
    const parts = entries.filter((entry) => entry["type"] === "part").length;
    const known = typeof size === "number" && typeof partSize === "number";
    found.push({
      ...parsed,
      id: idOf(key),
      key,
      size: typeof size === "number" ? size : undefined,
      arrived: known ? Math.min(size, parts * partSize) : undefined,
      createdAt: typeof createdAt === "number" ? new Date(createdAt) : undefined,
    });
  }
  return found.sort((a, b) => Number(a.createdAt ?? 0) - Number(b.createdAt ?? 0));
}

/**
 * Those with the ids given, or all.
 *
 * @throws {UsageError} for an id that the journal does not have.
 */
export function chosen(saved: readonly SavedUpload[], ids: readonly string[]): readonly SavedUpload[] {
  if (ids.length === 0) return saved;
  return ids.map((id) => {
    const fitting = saved.filter((upload) => upload.id.startsWith(id.toLowerCase()));
    if (fitting.length === 1) return fitting[0] as SavedUpload;
    throw new UsageError(
      fitting.length === 0 ? `No upload is kept as "${id}".` : `Several uploads begin with "${id}".`,
      "sluice list shows those that are kept.",
    );
  });
}

function parseKey(key: string): UploadKey | undefined {
  try {
    const { format, ...rest } = JSON.parse(key) as UploadKey & { format?: unknown };
    return format === FORMAT ? rest : undefined;
  } catch {
    // Another program's.
    return undefined;
  }
}
