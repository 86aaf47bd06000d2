import { within } from "@sluice/retry";
import type { FailureKind } from "./concurrency.ts";
import { type BodyGuard, guardedBody } from "./guarded-body.ts";
import type { Digests } from "./part-target.ts";
import type { Piece } from "./piece.ts";
import type { TransferOptions } from "./send-parts.ts";
import { watchAttempt } from "./stall-watch.ts";
import { StalledError } from "./stalled-error.ts";

/** Bytes a millisecond: 16 MiB in a second a target digests, when it has them all. */
const DIGESTION = 16_777;

/** A part that has arrived. */
export interface Arrival<Receipt> {
  readonly receipt: Receipt;
  readonly size: number;
  /** Bytes that the target told of. */
  readonly sent: number;
}

/**
 * One attempt to send a part: paced, watched and counted. When it is over, however it ends, nothing of it goes on:
 * its body cannot be read any more, and what its target still reports is not listened to.
 */
export async function attemptPart<Session, Receipt>(
  piece: Piece,
  digests: Digests,
  attempt: number,
  ended: AbortSignal,
  options: TransferOptions<Session, Receipt>,
): Promise<Arrival<Receipt>> {
  const { target, session, settings, bounds, meter, deadline, sight } = options;
  const { clock, stallTimeout, throttle } = settings;
  const { concurrency } = settings.slots;
  const { index, offset, size } = piece;
  const started = clock.now();
  const watch = watchAttempt({ clock, stallTimeout, signal: ended });
  const over = new AbortController();
  // One signal for both ends of an attempt; `AbortSignal.any` costs a weak reference at each look.
  watch.signal.addEventListener("abort", () => over.abort(watch.signal.reason));
  let [read, sent, held, limit] = [0, 0, 0, 0];
  /** Whether the transport reads a Blob by itself. */
  let unread = false;

  const pace = async (bytes: number) => {
    if (!throttle) return;
    const since = clock.now();
    watch.hold();
    try {
      await throttle.take(bytes, watch.signal);
    } finally {
      held += clock.now() - since;
      watch.release();
    }
  };
  /** What the transport has, and does not tell of, takes as long as parts take. */
  const waitUnseen = () => {
    if (limit > 0) return;
    limit = deadline.of(size ?? 0);
    watch.blind(limit);
  };
  const guard: BodyGuard = {
    signal: over.signal,
    paced: throttle !== undefined,
    pass(bytes) {
      watch.moved();
      if (!piece.held) {
        // Once: a target that signs what it sends reads it twice.
        const more = Math.min(bytes, (size ?? Infinity) - read);
        read += more;
        meter.read(more);
        bounds.check(read);
      }
      if (read === size && !sight.seen) waitUnseen();
      return throttle && pace(bytes);
    },
    unread() {
      unread = true;
      if (!sight.seen) waitUnseen();
    },
  };
  const report = (bytes: number) => {
    if (guard.signal.aborted) return;
    sent += bytes;
    sight.seen ||= sent < (size ?? Infinity);
    watch.moved();
    // From here on only the reply is missing, which takes the longer the more there is to look at.
    if (sent === size) watch.blind(stallTimeout + size / DIGESTION);
    meter.sent(bytes);
    concurrency.moved(bytes);
  };
  try {
    const part = { index, offset, size, body: guardedBody(piece.body, guard), digests };
    const context = { signal: watch.signal, attempt, sent: report };
    const receipt = await within(() => target.put(session, part, context), { signal: watch.signal });
    const arrived = size ?? read;
    if (unread) {
      meter.read(arrived - read);
      // What has gone is to be paid for all the same.
      await pace(arrived - read);
    }
    concurrency.moved(arrived - sent);
    deadline.learn(arrived, clock.now() - started - held);
    return { receipt, size: arrived, sent };
  } catch (error) {
    meter.read(-read);
    meter.sent(-sent);
    concurrency.moved(-sent);
    concurrency.failed(kindOf(error));
    if (limit > 0 && error instanceof StalledError) deadline.missed(size ?? 0, limit);
    throw error;
  } finally {
    watch.dispose();
    over.abort(new Error("The attempt that this body belonged to is over"));
  }
}

/** Whether a target asks for less. */
export function isRefusal(error: unknown): boolean {
  const { status } = Object(error) as { status?: unknown };
  return status === 429 || status === 503;
}

function kindOf(error: unknown): FailureKind {
  if (isRefusal(error)) return "throttled";
  return error instanceof StalledError || Object(error).status === 408 ? "timeout" : "other";
}
