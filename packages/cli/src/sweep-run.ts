import type { Journal } from "@sluice/uploader";
import type { SweptLine } from "./json-line.ts";
import type { ProviderPool } from "./providers/provider-pool.ts";
import { providerNamed } from "./providers/providers.ts";
import { type SavedRun, savedRun } from "./saved-runs.ts";

/** How runs are swept. */
export interface SweepSettings {
  readonly journal: Journal;
  readonly pool: ProviderPool;
  /** Whether it was named: then it is forgotten even where it is not known whether it was started. */
  readonly named: boolean;
  readonly signal: AbortSignal;
}

/** Cancels the task of a run, where its provider can, and forgets the run. */
export async function sweepRun(
  { key }: Pick<SavedRun, "key">,
  { journal, pool, named, signal }: SweepSettings,
): Promise<SweptLine["state"]> {
  let lock: AsyncDisposable;
  try {
    lock = await journal.lock(key);
  } catch (error) {
    if (Object(error).code === "locked") return "locked";
    throw error;
  }
  try {
    // As it is now that nobody else has it.
    const run = await savedRun(journal, key, JSON.parse(key), () => {});
    if (run === undefined) return "completed";
    const { provider, baseUrl, task: id, unknown, plan } = run;
    if (unknown && !named) return "unknown";
    // A task that was only waited for belongs to somebody else.
    const own = id !== undefined && plan.task === undefined;
    const task = own ? (await pool.open(providerNamed(provider), baseUrl)).task?.(id) : undefined;
    await task?.cancel?.({ signal, attempt: 1 });
    await journal.remove(key);
    if (task?.cancel) return "canceled";
    return own ? "goes-on" : "forgotten";
  } finally {
    await lock[Symbol.asyncDispose]();
  }
}
