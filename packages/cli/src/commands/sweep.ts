import type { Journal } from "@sluice/uploader";
import { sweep as sweepUploads } from "@sluice/uploader";
import { parseDuration } from "../duration.ts";
import { EXIT, exitCodeOf } from "../exit-code.ts";
import type { Invocation } from "../invocation.ts";
import type { SweptLine } from "../json-line.ts";
import { ProviderPool } from "../providers/provider-pool.ts";
import { providerNamed } from "../providers/providers.ts";
import { reportFailure } from "../report-failure.ts";
import type { SavedUpload } from "../saved-uploads.ts";
import { chosen, openJournal, type SavedWork, savedWork } from "../saved-work.ts";
import { sweepRun } from "../sweep-run.ts";

/** Options of `sluice sweep`, as they are written. */
export interface SweepOptions {
  readonly olderThan?: string;
}

export async function sweep(
  ids: readonly string[],
  { olderThan }: SweepOptions,
  invocation: Invocation,
): Promise<number> {
  const { output, signal } = invocation;
  const age = olderThan === undefined ? 0 : parseDuration(olderThan, "--older-than");
  const journal = await openJournal();
  const work = chosen(await savedWork(journal, ({ message }) => output.note(`${message}.`)), ids);
  if (work.length === 0) output.note("Nothing is kept.");
  const codes: number[] = [];
  const told = (swept: SavedWork, state: SweptLine["state"], error?: unknown) => {
    tell(swept, state, invocation);
    const where = { provider: providerNamed(swept.provider), input: inputOf(swept) };
    codes.push(error === undefined ? EXIT.ok : reportFailure(output, error, where).exitCode);
  };
  await using pool = new ProviderPool();
  // An upload can only be cancelled where it was begun.
  const uploads = work.filter((each) => each.kind === "upload");
  for (const group of Map.groupBy(uploads, ({ provider, baseUrl }) => JSON.stringify([provider, baseUrl])).values()) {
    const [{ provider, baseUrl }] = group as [SavedUpload];
    const { targets = [] } = await pool.open(providerNamed(provider), baseUrl);
    const byKey = new Map(group.map((upload) => [upload.key, upload]));
    const report = await sweepUploads(part(journal, [...byKey.keys()]), targets, { olderThan: age, signal });
    for (const state of ["canceled", "completed", "locked", "young", "foreign", "unknown"] as const) {
      for (const key of report[state]) told(byKey.get(key) as SavedUpload, state);
    }
    for (const { key, error } of report.failed) told(byKey.get(key) as SavedUpload, "failed", error);
  }
  for (const run of work.filter((each) => each.kind === "run")) {
    const young = age > 0 && Date.now() - Number(run.createdAt ?? 0) < age;
    try {
      told(run, young ? "young" : await sweepRun(run, { journal, pool, named: ids.length > 0, signal }));
    } catch (error) {
      told(run, "failed", error);
    }
  }
  return exitCodeOf(codes);
}

/** A journal that has nothing but some of its keys. */
function part(journal: Journal, keys: readonly string[]): Journal {
  return {
    lock: (key) => journal.lock(key),
    read: (key) => journal.read(key),
    append: (key, entry) => journal.append(key, entry),
    remove: (key) => journal.remove(key),
    async *list() {
      yield* keys;
    },
  };
}

const WORDS: Readonly<Record<SweptLine["state"], string>> = {
  canceled: "cancelled, and forgotten",
  completed: "had been completed; forgotten",
  forgotten: "forgotten",
  "goes-on": "forgotten here; the provider has no way to cancel it",
  locked: "in progress, left alone",
  young: "younger than --older-than, left alone",
  unknown: "may be there, left alone: look for it at the provider, then sweep it by its id",
  failed: "could not be cancelled, left alone",
  foreign: "not known, left alone",
};

function tell(work: SavedWork, state: SweptLine["state"], { output }: Invocation): void {
  const { id } = work;
  const input = inputOf(work);
  output.result({ type: "swept", id, input, state }, `${id}  ${input}: ${WORDS[state]}`);
}

function inputOf(work: SavedWork): string {
  if (work.kind === "upload") return work.path;
  const { content, files, model, task, text } = work.plan;
  return content?.given ?? files?.[0]?.given ?? model ?? task ?? text ?? "";
}
