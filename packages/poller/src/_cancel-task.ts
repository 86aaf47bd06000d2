import { type Clock, retry } from "@sluice/retry";
import type { Watch } from "./_watch.ts";
import type { PollOptions } from "./poll-options.ts";
import type { TaskContext } from "./task.ts";

/** Milliseconds that cancelling a remote task may take. */
const TIMEOUT = 5_000;

/** Asks the provider to stop the task, where it can be asked. Never rejects: how that went is an event. */
export async function cancelTask<Result>(
  { task, attempts: attempt }: Watch<Result>,
  { onEvent }: PollOptions<Result>,
  clock: Clock,
  cancel = async (context: TaskContext): Promise<void> => task.cancel?.(context),
): Promise<void> {
  if (!task.cancel) return;
  let failed: { error: unknown } | undefined;
  try {
    await retry(({ signal }) => cancel({ signal, attempt }), { attempts: 1, deadline: TIMEOUT, clock });
  } catch (error) {
    failed = { error };
  }
  try {
    onEvent?.({ type: "cancel", id: task.id, provider: task.provider, attempt, ...failed });
  } catch {
    // What a callback throws must not hide why the poll ended.
  }
}
