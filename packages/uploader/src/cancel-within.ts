import type { Clock } from "@sluice/retry";
import { untilAborted } from "@sluice/retry";
import type { Context, PartTarget } from "./part-target.ts";

/**
 * Cancels an upload at its target, and waits for that, but not for ever.
 *
 * @throws what the target's `cancel` fails with, or an error that says that the time was over.
 */
export async function cancelWithin<Session>(
  target: Pick<PartTarget<Session, never, never>, "cancel">,
  session: Session,
  timeout: number,
  clock: Clock,
): Promise<void> {
  const limit = new AbortController();
  const { signal } = limit;
  const timer = clock.setTimeout(() => limit.abort(new Error(`No answer within ${timeout} ms`)), timeout);
  const context: Context = { signal, attempt: 1, sent: () => {} };
  try {
    await untilAborted(() => target.cancel(session, context), signal);
  } finally {
    clock.clearTimeout(timer);
  }
}
