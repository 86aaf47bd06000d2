import { retry, within } from "@sluice/retry";
import type { Context, Digests } from "./part-target.ts";
import type { Undertaking } from "./undertaking.ts";
import { ExpiredError } from "./upload-errors.ts";

/**
 * Completes an upload. After a failure that does not tell whether it was completed, the target is asked; only where it
 * says that the upload is still open is it asked to complete it again.
 *
 * @param receipts In order of offset.
 * @throws {CompletionUnknownError} where it cannot be known. {ExpiredError} when the target has given the upload up.
 */
export function completeUpload<Session, Receipt, Result>(
  { file, target, settings, signal: ended, inspect }: Undertaking<Session, Receipt, Result>,
  session: Session,
  receipts: Receipt[],
  whole: { readonly size: number; readonly digests: Digests },
): Promise<Result> {
  return retry(
    async ({ attempt, signal }) => {
      const context: Context = { signal, attempt, sent: () => {} };
      try {
        return await within(() => target.complete(session, receipts, whole, context), { signal });
      } catch (cause) {
        if (signal.aborted || !isUnclear(cause)) throw cause;
        const found = await inspect(session, cause);
        // A target that completes uploads without telling more of them has no result to give.
        if (found.state === "completed") return found.result as Result;
        if (found.state === "open") throw new StillOpen(cause);
        throw new ExpiredError(file.name, target.name, { cause });
      }
    },
    {
      ...settings.retry,
      signal: ended,
      retryable: (error) => error instanceof StillOpen || isRefusedForNow(error),
      onRetry: ({ attempt, delay, error }) =>
        settings.onEvent({ type: "retry", part: undefined, attempt, delay, error }),
    },
  ).catch((error: unknown) => {
    throw error instanceof StillOpen ? error.cause : error;
  });
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
