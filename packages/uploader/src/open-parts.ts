import type { Algorithm } from "@sluice/hash";
import type { Way } from "./choose-way.ts";
import type { OpenUpload } from "./open-upload.ts";
import type { Digests } from "./part-target.ts";
import type { SendPiece } from "./piece.ts";
import type { ProgressMeter } from "./progress.ts";
import { rangeParts } from "./range-parts.ts";
import type { Undertaking } from "./undertaking.ts";

/** The parts that are still to be sent, and the digests of the whole. */
export interface OpenParts {
  /** Makes them, in order, and hands each over. */
  readonly parts: (send: SendPiece) => Promise<void>;
  readonly digests: Promise<Digests>;
}

/** Opens the source in the way that was chosen. What only some uploads need is loaded by those. */
export async function openParts<Session, Receipt, Result>(
  undertaking: Undertaking<Session, Receipt, Result>,
  way: Exclude<Way, { kind: "spool" }>,
  { partSize, receipts }: OpenUpload<Session, Receipt>,
  meter: ProgressMeter,
): Promise<OpenParts> {
  const { source, target, settings, signal } = undertaking;
  const { digest, onEvent } = settings;
  const algorithms: Algorithm[] = [...new Set([...(target.digests?.whole ?? []), ...digest])];
  const hashers = algorithms.length > 0 ? await import("./whole-digests.ts") : undefined;
  const hashing = { signal, onEvent };
  const none = Promise.resolve({});
  if (way.kind === "ranges") {
    return {
      parts: (send) => rangeParts(undertaking, partSize ?? way.partSize, receipts, send),
      // By a reading of its own: the parts leave in any order, and those of an earlier run are not read at all.
      digests: hashers?.hashApart(source, algorithms, hashing) ?? none,
    };
  }
  const { streamedParts } = await import("./streamed-parts.ts");
  signal.throwIfAborted();
  const passing = hashers?.hashInPassing(source, algorithms, hashing);
  return {
    parts: (send) => streamedParts({ ...undertaking, way, meter, passing: passing?.stream }, send),
    digests: passing?.digests ?? none,
  };
}

/** The digests of each part that are computed before it is sent: for the target, and to know it again on a resume. */
export function partDigestsOf<Session, Receipt, Result>({
  source,
  target,
  partSize,
  settings,
  record,
}: Undertaking<Session, Receipt, Result>): readonly Algorithm[] {
  const wanted = target.digests?.part ?? [];
  const compared = settings.verify === "digest" || source.fingerprint === undefined;
  return wanted.length === 0 && record && partSize !== undefined && compared ? ["sha256"] : wanted;
}
