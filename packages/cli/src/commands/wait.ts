import { UsageError } from "../command-error.ts";
import { parseDuration } from "../duration.ts";
import { executeRun } from "../execute-run.ts";
import { type Invocation, openBoard } from "../invocation.ts";
import { openProvider, placeOf, providerNamed } from "../providers/providers.ts";
import { RunFiles } from "../run-files.ts";
import type { RunPlan } from "../run-plan.ts";
import { openJournal, savedWork } from "../saved-work.ts";

/** Options of `sluice wait`, as they are written. */
export interface WaitOptions {
  readonly deadline?: string;
  readonly interval?: string;
  readonly baseUrl?: string;
  readonly resume: boolean;
}

export async function wait(name: string, id: string, options: WaitOptions, invocation: Invocation): Promise<number> {
  const provider = providerNamed(name);
  const deadline = options.deadline === undefined ? undefined : parseDuration(options.deadline, "--deadline");
  const interval = options.interval === undefined ? undefined : parseDuration(options.interval, "--interval");
  if (provider.runs === undefined) {
    throw new UsageError(`${provider.title} has no tasks to wait for.`, "What sluice send prints can be used at once.");
  }
  await using handle = await openProvider(provider, options.baseUrl);
  await using files = new RunFiles();
  const journal = options.resume ? await openJournal() : undefined;
  const baseUrl = options.baseUrl ?? placeOf(provider);
  // The task of a run that is kept is waited for as that run, so that it is not there any more when it is done.
  const saved = journal ? await savedWork(journal, ({ message }) => invocation.output.note(`${message}.`)) : [];
  const own = saved.find((work) => work.kind === "run" && work.provider === provider.name && work.task === id);
  const plan: RunPlan =
    own?.kind === "run" ? own.plan : { provider: provider.name, ...(baseUrl !== undefined && { baseUrl }), task: id };
  const board = await openBoard(invocation);
  try {
    const attempt = { plan, provider, handle, files, journal, deadline, interval, started: id };
    return await executeRun(attempt, invocation, board);
  } finally {
    board.close();
  }
}
