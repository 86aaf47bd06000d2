import { retry, within } from "@sluice/retry";
import type { Inspection } from "./part-target.ts";
import type { Plan } from "./undertaking.ts";
import { CompletionUnknownError } from "./upload-errors.ts";

/** What became of an upload, known for certain. */
export interface Found<Result> extends Inspection<Result> {
  readonly state: Exclude<Inspection<Result>["state"], "unknown">;
}

/**
 * Asks the target what became of an upload whose completion got no clear answer. That may take its time: a server that
 * was cut off may be at work still.
 *
 * @param cause Why it is not clear.
 * @throws {CompletionUnknownError} where it cannot be known.
 */
export async function inspectUpload<Session, Receipt, Result>(
  { file, target, settings, record, signal: ended }: Plan<Session, Receipt, Result>,
  session: Session,
  cause: unknown,
): Promise<Found<Result>> {
  const unknown = () => new CompletionUnknownError(file.name, target.name, session, record?.key, { cause });
  if (!target.inspect) throw unknown();
  try {
    return await retry(
      async ({ attempt, signal }) => {
        const answer = await within(async () => target.inspect?.(session, { signal, attempt, sent: () => {} }), {
          signal,
        });
        if (!answer || answer.state === "unknown") throw unknown();
        return answer as Found<Result>;
      },
      {
        ...settings.retry,
        signal: ended,
        retryable: (error) => error instanceof CompletionUnknownError || Object(error).retryable === true,
      },
    );
  } catch {
    throw ended.aborted ? ended.reason : unknown();
  }
}
