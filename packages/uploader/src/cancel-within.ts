import { type Clock, within } from "@sluice/retry";
import type { PartTarget } from "./part-target.ts";

/**
 * Cancels an upload at its target, and waits for that, but not for ever.
 *
 * @throws what the target's `cancel` fails with, or an error that says that the time was over.
 */
export function cancelWithin<Session>(
  target: Pick<PartTarget<Session, never, never>, "cancel">,
  session: Session,
  timeout: number,
  clock: Clock,
): Promise<void> {
  return within((signal) => target.cancel(session, { signal, attempt: 1, sent: () => {} }), {
    deadline: timeout,
    late: () => new Error(`No answer within ${timeout} ms`),
    clock,
  });
}
