import { isAbsolute, relative } from "node:path";
import { UsageError } from "../command-error.ts";
import { parseDuration } from "../duration.ts";
import { executeRun } from "../execute-run.ts";
import { EXIT, exitCodeOf } from "../exit-code.ts";
import { type Invocation, openBoard } from "../invocation.ts";
import type { ProviderHandle } from "../providers/provider-entry.ts";
import { ProviderPool } from "../providers/provider-pool.ts";
import { providerNamed } from "../providers/providers.ts";
import { reportFailure } from "../report-failure.ts";
import { RunFiles } from "../run-files.ts";
import type { SavedRun } from "../saved-runs.ts";
import type { SavedUpload } from "../saved-uploads.ts";
import { chosen, openJournal, savedWork } from "../saved-work.ts";
import { type SendSettings, sendFiles } from "../send-files.ts";
import { type TransferOptions, transferSettings } from "./send.ts";

/** Options of `sluice resume`, as they are written. */
export interface ResumeOptions extends TransferOptions {
  readonly started?: string;
  readonly startAgain: boolean;
  readonly deadline?: string;
}

export async function resume(ids: readonly string[], options: ResumeOptions, invocation: Invocation): Promise<number> {
  const { output } = invocation;
  const { started, startAgain, deadline } = options;
  const decided = started !== undefined || startAgain;
  if (decided && ids.length !== 1) {
    throw new UsageError(
      "--started and --start-again are for one run, whose start is not known.",
      "Name its id, as sluice list shows it.",
    );
  }
  if (started !== undefined && startAgain) {
    throw new UsageError("--started and --start-again cannot both be.", "Look at the provider, then give one of them.");
  }
  const time = deadline === undefined ? undefined : parseDuration(deadline, "--deadline");
  const journal = await openJournal();
  const work = chosen(await savedWork(journal, ({ message }) => output.note(`${message}.`)), ids);
  if (work.length === 0) output.note("Nothing is kept to be resumed.");
  const uploads = work.filter((each) => each.kind === "upload");
  const runs = work.filter((each) => each.kind === "run");
  const settings = { ...(await transferSettings(options)), journal };
  await using pool = new ProviderPool();
  const codes = [
    ...(uploads.length === 0 ? [] : [await resumeUploads(uploads, settings, pool, invocation)]),
    ...(await resumeRuns(runs, pool, invocation, (run) => ({
      journal,
      deadline: time,
      ...(run.unknown && { started, startAgain }),
    }))),
  ];
  return exitCodeOf(codes);
}

async function resumeUploads(
  uploads: readonly SavedUpload[],
  settings: SendSettings,
  pool: ProviderPool,
  invocation: Invocation,
): Promise<number> {
  const items = uploads.map(async ({ provider: named, path, baseUrl, name, type, values }) => {
    const provider = providerNamed(named);
    return {
      given: shortPath(path),
      provider,
      handle: await pool.open(provider, baseUrl),
      baseUrl,
      name,
      type,
      values,
    };
  });
  return sendFiles(await Promise.all(items), settings, invocation);
}

/** What is written down as the run's task cannot be taken back: it is looked at first. */
async function isThere(handle: ProviderHandle, task: string, run: SavedRun, invocation: Invocation): Promise<boolean> {
  const { output, signal } = invocation;
  try {
    await handle.task?.(task).read({ signal, attempt: 1 });
    return true;
  } catch (error) {
    const provider = providerNamed(run.provider);
    reportFailure(output, error, { provider, input: task, hint: "Check the task's id.", resume: run.id });
    return false;
  }
}

/** As people would write it from here. */
function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") || isAbsolute(short) ? path : short;
}

/** All at once: what they do is wait, mostly. */
async function resumeRuns(
  runs: readonly SavedRun[],
  pool: ProviderPool,
  invocation: Invocation,
  settings: (
    run: SavedRun,
  ) => Pick<Parameters<typeof executeRun>[0], "journal" | "deadline" | "started" | "startAgain">,
): Promise<number[]> {
  if (runs.length === 0) return [];
  const board = await openBoard(invocation);
  board.count = 0;
  const one = async (run: SavedRun) => {
    const { plan } = run;
    const provider = providerNamed(plan.provider);
    await using files = new RunFiles();
    const handle = await pool.open(provider, plan.baseUrl);
    const { started } = settings(run);
    if (started !== undefined && !(await isThere(handle, started, run, invocation))) return EXIT.failed;
    return await executeRun({ plan, provider, handle, files, ...settings(run) }, invocation, board);
  };
  try {
    return await Promise.all(runs.map(one));
  } finally {
    board.close();
  }
}
