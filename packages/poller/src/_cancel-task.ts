import { type Clock, retry } from "@sluice/retry";
import type { Watch } from "./_watch.ts";
import type { PollOptions } from "./poll-options.ts";

/** Milliseconds that cancelling a remote task may take. */
const TIMEOUT = 5_000;

/** Asks the provider to stop the task, where it can be asked. Never rejects: how that went is an event. */
export async function cancelTask<Result>(
  { task, attempts: attempt }: Watch<Result>,
  { onEvent }: PollOptions<Result>,
  clock: Clock,
  inTurn = (_: AbortSignal, cancel: () => unknown): unknown => cancel(),
): Promise<void> {
  if (!task.cancel) return;
  const cancel = async ({ signal }: { signal: AbortSignal }) =>
    inTurn(signal, () => task.cancel?.({ signal, attempt }));
  const about = { type: "cancel", id: task.id, provider: task.provider, attempt } as const;
  await retry(cancel, { attempts: 1, deadline: TIMEOUT, clock })
    .then(
      () => onEvent?.(about),
      (error) => onEvent?.({ ...about, error }),
    )
    // What a callback throws must not hide why the poll ended.
    .catch(() => {});
}
