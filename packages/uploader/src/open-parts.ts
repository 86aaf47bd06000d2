import type { Algorithm } from "@sluice/hash";
import type { TakeChunk } from "@sluice/source";
import type { Way } from "./choose-way.ts";
import { oneShotSource } from "./one-shot-source.ts";
import type { OpenUpload, Undertaking } from "./open-upload.ts";
import type { Digests } from "./part-target.ts";
import type { SendPiece } from "./piece.ts";
import { pourStream } from "./pour-stream.ts";
import type { ProgressMeter } from "./progress.ts";
import { rangeParts } from "./range-parts.ts";
import { wholePart } from "./whole-part.ts";

/** The parts that are still to be sent, and the digests of the whole. */
export interface OpenParts {
  /** Makes them, in order, and hands each over. */
  readonly parts: (send: SendPiece) => Promise<void>;
  readonly digests: Promise<Digests>;
}

/** Opens the source in the way that was chosen. What only some uploads need is loaded by those: a third of the whole. */
export async function openParts<Session, Receipt, Result>(
  { source, file, target, settings, signal }: Undertaking<Session, Receipt, Result>,
  way: Exclude<Way, { kind: "spool" }>,
  { partSize, receipts }: OpenUpload<Session, Receipt>,
  meter: ProgressMeter,
): Promise<OpenParts> {
  const { memory, digest, onEvent } = settings;
  const algorithms: Algorithm[] = [...new Set([...(target.digests?.whole ?? []), ...digest])];
  const hashers = algorithms.length > 0 ? await import("./whole-digests.ts") : undefined;
  const hashing = { signal, onEvent };
  const none = Promise.resolve({});
  if (way.kind === "ranges") {
    return {
      parts: (send) => rangeParts(source, partSize ?? way.partSize, receipts, memory, signal, send),
      // By a reading of its own: the parts leave in any order, and those of an earlier run are not read at all.
      digests: hashers?.hashApart(source, algorithms, hashing) ?? none,
    };
  }
  const held = way.kind === "held" ? { ...(await import("./held-parts.ts")), sizes: way.sizes } : undefined;
  signal.throwIfAborted();
  const passing = hashers?.hashInPassing(source, algorithms, hashing);
  const stream = () => passing?.stream ?? source.stream({ signal });
  const pour = (take: TakeChunk) =>
    !passing && source.pour ? source.pour(take, { signal }) : pourStream(stream(), take, signal);
  return {
    parts: (send) =>
      held
        ? held.heldParts({ pour, source, file, target, sizes: held.sizes, memory, meter, signal }, send)
        : wholePart(oneShotSource(stream(), source), memory, signal, send),
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
  return wanted.length === 0 && record.kept && partSize !== undefined && compared ? ["sha256"] : wanted;
}
