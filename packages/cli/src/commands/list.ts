import { formatSize } from "../byte-size.ts";
import type { Invocation } from "../invocation.ts";
import type { RunLine, UploadLine } from "../json-line.ts";
import type { SavedRun } from "../saved-runs.ts";
import type { SavedUpload } from "../saved-uploads.ts";
import { openJournal, savedWork } from "../saved-work.ts";

export async function list({ output }: Invocation): Promise<number> {
  const work = await savedWork(await openJournal(), ({ message }) => output.note(`${message}.`));
  if (work.length === 0) output.note("Nothing is kept.");
  for (const each of work) {
    const { line, how, what } = each.kind === "upload" ? uploadIn(each) : runIn(each);
    const { id, provider, createdAt } = each;
    const when = createdAt?.toISOString().slice(0, 16) ?? "";
    output.result(line, [id, provider.padEnd(9), how.padEnd(20), when.padEnd(16), what].join("  "));
  }
  return 0;
}

function uploadIn({ id, provider, path, size, arrived, createdAt }: SavedUpload) {
  const line: UploadLine = {
    type: "upload",
    id,
    provider,
    input: path,
    ...(size !== undefined && { size }),
    ...(arrived !== undefined && { arrived }),
    ...(createdAt !== undefined && { createdAt: createdAt.toISOString() }),
  };
  const how = size === undefined ? "" : `${formatSize(arrived ?? 0)} of ${formatSize(size)}`;
  return { line, how, what: path };
}

const STATES = { send: "to be sent", start: "to be started", task: "started", unknown: "maybe started" } as const;

function runIn({ id, provider, plan, step, unknown, task, createdAt }: SavedRun) {
  const state = unknown ? "unknown" : step;
  const input = plan.content?.given ?? plan.files?.[0]?.given;
  const line: RunLine = {
    type: "run",
    id,
    provider,
    state,
    ...(input !== undefined && { input }),
    ...(plan.model !== undefined && { model: plan.model }),
    ...(task !== undefined && { task }),
    ...(createdAt !== undefined && { createdAt: createdAt.toISOString() }),
  };
  const skills = plan.steps?.map(({ skill }) => skill).join(", ");
  const what = [plan.model ?? skills, input, task && `task ${task}`].filter(Boolean).join("  ");
  return { line, how: STATES[state], what };
}
