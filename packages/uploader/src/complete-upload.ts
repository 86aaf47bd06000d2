import { retry, untilAborted } from "@sluice/retry";
import type { Context, Digests, FileInfo, PartTarget } from "./part-target.ts";
import type { Settings } from "./settings.ts";
import { CompletionUnknownError, ExpiredError } from "./upload-errors.ts";

export interface Completion<Session, Receipt, Result> {
  readonly file: FileInfo;
  readonly target: PartTarget<Session, Receipt, Result>;
  readonly session: Session;
  /** In order of offset. */
  readonly receipts: Receipt[];
  readonly whole: { readonly size: number; readonly digests: Digests };
  /** The upload's key in its journal. */
  readonly key: string | undefined;
  readonly settings: Settings;
  readonly signal: AbortSignal;
}

/**
 * Completes an upload. After a failure that does not tell whether it was completed, the target is asked; only where it
 * says that the upload is still open is it asked to complete it again.
 *
 * @throws {CompletionUnknownError} where it cannot be known. {ExpiredError} when the target has given the upload up.
 */
export function completeUpload<Session, Receipt, Result>({
  file,
  target,
  session,
  receipts,
  whole,
  key,
  settings,
  signal,
}: Completion<Session, Receipt, Result>): Promise<Result> {
  const { clock, random, onEvent } = settings;
  const shared = { ...settings.retry, signal, clock, random };

  return retry(
    async ({ attempt, signal }) => {
      const context: Context = { signal, attempt, sent: () => {} };
      try {
        return await untilAborted(() => target.complete(session, receipts, whole, context), signal);
      } catch (cause) {
        if (signal.aborted || !isUnclear(cause)) throw cause;
        return await askFor(cause);
      }
    },
    {
      ...shared,
      retryable: (error) => error instanceof StillOpen || isRefusedForNow(error),
      onRetry: ({ attempt, delay, error }) => onEvent({ type: "retry", part: undefined, attempt, delay, error }),
    },
  ).catch((error: unknown) => {
    throw error instanceof StillOpen ? error.cause : error;
  });

  /** What became of it. The answer may take its time: a server that was cut off may be at work still. */
  async function askFor(cause: unknown): Promise<Result> {
    const unknown = () => new CompletionUnknownError(file.name, target.name, session, key, { cause });
    if (!target.inspect) throw unknown();
    const found = await retry(
      async ({ attempt, signal }) => {
        const answer = await untilAborted(
          async () => target.inspect?.(session, { signal, attempt, sent: () => {} }),
          signal,
        );
        if (answer === undefined || answer.state === "unknown") throw unknown();
        return answer;
      },
      { ...shared, retryable: (error) => error instanceof CompletionUnknownError || Object(error).retryable === true },
    ).catch(() => {
      throw signal.aborted ? signal.reason : unknown();
    });
    // A target that completes uploads without telling more of them has no result to give.
    if (found.state === "completed") return found.result as Result;
    if (found.state === "open") throw new StillOpen(cause);
    throw new ExpiredError(file.name, target.name, { cause });
  }
}

/** The target says that the upload is not completed, so that it may be asked to again. */
class StillOpen extends Error {
  constructor(cause: unknown) {
    super("The upload is still open", { cause });
  }
}

/**
 * Whether the request that failed so may have been carried out all the same: always, but where it certainly did not
 * arrive, or was refused in so many words.
 */
function isUnclear(error: unknown): boolean {
  const { status, reached, code, retryable } = Object(error) as Readonly<Record<string, unknown>>;
  if (reached === false || code === "soft-error") return false;
  // A reply that is cut off or malformed has a status of success.
  if (typeof status === "number") return status < 400 || status >= 500 || status === 408;
  return retryable !== false;
}

/** Whether nothing was done, and another time may do. */
function isRefusedForNow(error: unknown): boolean {
  const { status, reached } = Object(error) as { status?: unknown; reached?: unknown };
  return status === 429 || reached === false;
}
