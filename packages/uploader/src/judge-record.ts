import type { OpenUpload } from "./open-upload.ts";
import type { Recorded } from "./read-record.ts";
import type { Undertaking } from "./undertaking.ts";
import type { RestartReason } from "./upload-event.ts";

/**
 * Whether an upload that is written down can be gone on with: it is, or is completed already, or must start over for the
 * reason returned.
 *
 * @throws {CompletionUnknownError} when it was being completed, and the target does not tell what became of that.
 */
export async function judgeRecord<Session, Receipt, Result>(
  undertaking: Undertaking<Session, Receipt, Result>,
  recorded: Recorded,
): Promise<OpenUpload<Session, Receipt> | { readonly result: Result } | RestartReason> {
  const { source, file, target, partSize, settings, signal } = undertaking;
  const { clock, verify, onEvent } = settings;
  const { createdAt } = recorded;
  const session = recorded.session as Session;
  if (recorded.target !== target.name) return "other-target";
  if (partSize === undefined || recorded.partSize === undefined) return "one-shot";
  if (recorded.size !== file.size || recorded.fingerprint !== source.fingerprint) return "source-changed";

  if (recorded.completing) {
    const { state, result } = await undertaking.inspect(session);
    if (state === "completed") return { result: result as Result };
    if (state !== "open") return state;
  }
  if (clock.now() - createdAt >= (target.limits.lifetime ?? Number.POSITIVE_INFINITY)) return "expired";

  const receipts = new Map<number, Receipt>();
  let bytes = 0;
  for (const { index, receipt, digests } of recorded.parts.values()) {
    const { size, body } = undertaking.part(index, recorded.partSize);
    if (verify === "digest" || source.fingerprint === undefined) {
      // Without digests nothing vouches for the part: it goes again.
      if (!digests) continue;
      const { hashPart } = await import("./whole-digests.ts");
      const now = await hashPart(body, Object.keys(digests) as never, signal);
      if (Object.keys(digests).some((algorithm) => digests[algorithm] !== now[algorithm])) return "source-changed";
    }
    receipts.set(index, receipt as Receipt);
    bytes += size;
  }
  onEvent({ type: "resume", parts: receipts.size, bytes });
  return { session, createdAt, partSize: recorded.partSize, receipts, resumed: true };
}
