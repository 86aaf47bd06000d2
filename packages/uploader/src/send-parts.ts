import type { Algorithm } from "@sluice/hash";
import { retry } from "@sluice/retry";
import { type Arrival, attemptPart, isRefusal } from "./attempt-part.ts";
import { checkJson } from "./check-json.ts";
import type { LearntDeadline } from "./learnt-deadline.ts";
import type { Digests } from "./part-target.ts";
import type { Piece, SendPiece } from "./piece.ts";
import type { ProgressMeter } from "./progress.ts";
import type { Undertaking } from "./undertaking.ts";

/** What the parts of one upload share while they are on their way. */
export interface TransferOptions<Session, Receipt> extends Undertaking<Session, Receipt, unknown> {
  readonly session: Session;
  readonly meter: ProgressMeter;
  readonly deadline: LearntDeadline;
  /** Whether the target tells of bytes while a part is on its way. */
  readonly sight: { seen: boolean };
  /** Digests of each part to be computed before it is sent. */
  readonly partDigests: readonly Algorithm[];
  /** Of what is at the target; what arrives is added. */
  readonly receipts: Map<number, Receipt>;
  /** Ends the upload. */
  fail(reason: unknown): void;
}

/**
 * Sends all parts, as many at once as there are places. When one fails for good, the others are stopped.
 *
 * @throws the reason of `signal`, when nothing reads the source any more.
 */
export async function sendParts<Session, Receipt>(
  parts: (send: SendPiece) => Promise<void>,
  options: TransferOptions<Session, Receipt>,
): Promise<void> {
  const { settings, signal, fail } = options;
  const { slots, throttle } = settings;
  const flights = new Set<Promise<void>>();
  try {
    await parts(async (piece) => {
      try {
        await throttle?.take(0, signal);
        await slots.take(signal);
      } catch (reason) {
        piece.release(false);
        throw reason;
      }
      const flight = sendPart(piece, options)
        .catch(fail)
        .finally(() => {
          slots.give();
          flights.delete(flight);
        });
      flights.add(flight);
    });
  } catch (reason) {
    fail(reason);
  }
  await Promise.all(flights);
  signal.throwIfAborted();
}

/** Sends one part until it has arrived and that is written down. */
async function sendPart<Session, Receipt>(piece: Piece, options: TransferOptions<Session, Receipt>): Promise<void> {
  const { settings, record, meter, partDigests, receipts, signal } = options;
  const { concurrency } = settings.slots;
  const { index } = piece;
  let arrived = false;
  concurrency.started();
  try {
    let digests: Digests = {};
    if (partDigests.length > 0 && piece.body.replayable) {
      const { hashPart } = await import("./whole-digests.ts");
      digests = await hashPart(piece.body, partDigests, signal);
    }
    const { receipt, size, sent } = await sendUntilArrived(piece, digests, options);
    checkJson(receipt, "receipt");
    // In flight until then: what a crash sends again is never more than what was in flight.
    await record?.part({ index, receipt, digests });
    receipts.set(index, receipt);
    arrived = true;
    meter.acknowledge(size, sent);
  } finally {
    concurrency.ended();
    piece.release(arrived);
  }
}

/** How often in a row a part is tried anew while others are seen to move, and none arrives. */
const PATIENCE = 10;

/**
 * Tries as often as `retry` says. A target that only asks for less has not failed as long as other parts get through:
 * those refusals are not held against the part, which may be unlucky many times (at a server that takes 10 at once, 11
 * times in a simulation).
 */
async function sendUntilArrived<Session, Receipt>(
  piece: Piece,
  digests: Digests,
  options: TransferOptions<Session, Receipt>,
): Promise<Arrival<Receipt>> {
  const { target, settings, meter, receipts, signal } = options;
  const { retryable = isRetryable } = settings.retry;
  let before = 0;
  for (let idle = 0; ; idle += 1) {
    const arrived = receipts.size;
    const { sent } = meter.progress;
    let made = 0;
    try {
      return await retry(
        ({ attempt, signal }) => {
          made = attempt;
          return attemptPart(piece, digests, before + attempt, signal, options);
        },
        {
          ...settings.retry,
          retryable: (error) => mayGoAgain(error, piece, target.repeat) && retryable(error),
          signal,
          onRetry: ({ attempt, delay, error }) =>
            settings.onEvent({ type: "retry", part: piece.index, attempt: before + attempt, delay, error }),
        },
      );
    } catch (error) {
      const { attempts = 5 } = settings.retry;
      if (receipts.size > arrived) idle = 0;
      const others = receipts.size > arrived || (meter.progress.sent > sent && idle < PATIENCE);
      if (signal.aborted || attempts === 1 || !isRefusal(error) || !others) throw error;
      if (!mayGoAgain(error, piece, target.repeat)) throw error;
      before += made;
    }
  }
}

/** Whether a part whose attempt failed so may be sent a second time. */
function mayGoAgain(error: unknown, { body }: Piece, repeat: "harmless" | "after-failure" | "never"): boolean {
  if (!body.replayable) return false;
  const { reached, status } = Object(error) as { reached?: unknown; status?: unknown };
  return repeat !== "never" || reached === false || status === 429;
}

function isRetryable(error: unknown): boolean {
  return Object(error).retryable === true;
}
