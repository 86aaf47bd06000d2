import { sweep as sweepUploads } from "@sluice/uploader";
import { parseDuration } from "../duration.ts";
import { EXIT, exitCodeOf } from "../exit-code.ts";
import type { Invocation } from "../invocation.ts";
import type { SweptLine } from "../json-line.ts";
import { openProvider, providerNamed } from "../providers/providers.ts";
import { reportFailure } from "../report-failure.ts";
import { chosen, openJournal, type SavedUpload, savedUploads } from "../saved-uploads.ts";

/** Options of `sluice sweep`, as they are written. */
export interface SweepOptions {
  readonly olderThan?: string;
}

export async function sweep(
  ids: readonly string[],
  { olderThan }: SweepOptions,
  invocation: Invocation,
): Promise<number> {
  const age = olderThan === undefined ? 0 : parseDuration(olderThan, "--older-than");
  const journal = await openJournal();
  const uploads = chosen(await savedUploads(journal), ids);
  if (uploads.length === 0) invocation.output.note("Nothing is kept.");
  const codes: number[] = [];
  // An upload can only be cancelled where it was begun.
  for (const group of Map.groupBy(uploads, ({ provider, baseUrl }) => JSON.stringify([provider, baseUrl])).values()) {
    const [{ provider: name, baseUrl }] = group as [SavedUpload];
    const provider = providerNamed(name);
    await using handle = await openProvider(provider, baseUrl);
    const byKey = new Map(group.map((upload) => [upload.key, upload]));
    const some = {
      lock: (key: string) => journal.lock(key),
      read: (key: string) => journal.read(key),
      append: (key: string, entry: Record<string, unknown>) => journal.append(key, entry),
      remove: (key: string) => journal.remove(key),
      async *list() {
        yield* byKey.keys();
      },
    };
    const report = await sweepUploads(some, handle.targets ?? [], { olderThan: age, signal: invocation.signal });
    for (const state of ["canceled", "completed", "locked", "young", "foreign", "unknown"] as const) {
      for (const key of report[state]) {
        tell(byKey.get(key), state, invocation);
        codes.push(EXIT.ok);
      }
    }
    for (const { key, error } of report.failed) {
      tell(byKey.get(key), "failed", invocation);
      codes.push(reportFailure(invocation.output, error, { provider, input: byKey.get(key)?.path }).exitCode);
    }
  }
  return exitCodeOf(codes);
}

const WORDS: Readonly<Record<SweptLine["state"], string>> = {
  canceled: "cancelled, and forgotten",
  completed: "had been completed; forgotten",
  locked: "in progress, left alone",
  young: "younger than --older-than, left alone",
  unknown: "may have been completed, left alone: look for the file at the provider",
  failed: "could not be cancelled, left alone",
  foreign: "not known, left alone",
};

function tell(upload: SavedUpload | undefined, state: SweptLine["state"], { output }: Invocation): void {
  if (upload === undefined) return;
  const { id, path } = upload;
  output.result({ type: "swept", id, input: path, state }, `${id}  ${path}: ${WORDS[state]}`);
}
