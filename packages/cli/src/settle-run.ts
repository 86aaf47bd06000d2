import { readJob } from "@sluice/job";
import type { Journal } from "@sluice/uploader";
import type { ProviderEntry } from "./providers/provider-entry.ts";
import type { RunPlan } from "./run-plan.ts";

/** A run that did not come to its result. */
export interface FailedRun {
  readonly error: unknown;
  readonly provider: ProviderEntry;
  readonly plan: RunPlan;
  readonly key: string;
  readonly id: string;
  readonly journal: Journal | undefined;
  readonly task: string | undefined;
  readonly signal: AbortSignal;
}

/** What can be done about it. */
export interface Advice {
  readonly hint?: string;
  /** What `sluice resume` takes. */
  readonly resume?: string;
}

/** Looks at what is written down of a run, forgets it where there is nothing to go on with, and says what to do. */
export async function settleRun(run: FailedRun): Promise<Advice> {
  const { error, provider, plan, key, id, journal, task, signal } = run;
  const { code } = Object(error) as { code?: unknown };
  if (code === "locked") return {};
  const wait = `sluice wait ${provider.name} ${task}`;
  if (code === "not-recorded" && task !== undefined) return { hint: `The task goes on; note this down: ${wait}` };
  const state = journal && (await readJob(journal, key).catch(() => undefined));
  if (state === undefined) {
    if (code === "start-unknown") return { hint: `${lookAt(provider, error)} before running it again.` };
    return signal.aborted && task !== undefined && !provider.cancels ? { hint: `The task goes on: ${wait}` } : {};
  }
  if (state.unknown) {
    const [found, none] = [`sluice resume ${id} --started <its id>`, `sluice resume ${id} --start-again`];
    return { hint: `${lookAt(provider, state)}. If there is one: ${found}; if not: ${none}`, resume: id };
  }
  // Somebody else's task that is not there, or a run of which nothing has been done.
  const interrupted = signal.aborted || code === "deadline";
  if ((plan.task !== undefined && !interrupted) || state.step === "send") {
    await forget(journal as Journal, key);
    return {};
  }
  if (state.step === "start") return { hint: `What was sent is kept: sluice resume ${id}`, resume: id };
  const more = code === "deadline" ? " --deadline 30m" : "";
  const sweep = `sluice sweep ${id} ${provider.cancels ? "cancels" : "forgets"} it`;
  return { hint: `The task goes on: sluice resume ${id}${more} waits for it, ${sweep}.`, resume: id };
}

function lookAt({ title, tasksPage }: ProviderEntry, about: unknown): string {
  const { since } = Object(about) as { since?: Date | undefined };
  const made = since === undefined ? "" : ` made since ${since.toISOString()}`;
  return `Look for a task${made} ${tasksPage === undefined ? `at ${title}` : `on ${tasksPage}`}`;
}

/** Nobody is helped by a list of what never began. */
async function forget(journal: Journal, key: string): Promise<void> {
  try {
    await using _ = await journal.lock(key);
    await journal.remove(key);
  } catch {
    // Somebody else has taken it up, or the disk is gone.
  }
}
