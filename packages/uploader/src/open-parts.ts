import type { Algorithm } from "@sluice/hash";
import type { Way } from "./choose-way.ts";
import { oneShotSource } from "./one-shot-source.ts";
import type { OpenUpload, Undertaking } from "./open-upload.ts";
import type { Digests } from "./part-target.ts";
import type { Piece } from "./piece.ts";
import type { ProgressMeter } from "./progress.ts";
import { rangeParts } from "./range-parts.ts";
import { wholePart } from "./whole-part.ts";

/** The parts that are still to be sent, in order, and the digests of the whole. */
export interface OpenParts {
  readonly parts: AsyncIterable<Piece>;
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
    const parts = rangeParts(source, partSize ?? way.partSize, receipts, memory, signal);
    // By a reading of its own: the parts leave in any order, and those of an earlier run are not read at all.
    return { parts, digests: hashers?.hashApart(source, algorithms, hashing) ?? none };
  }
  const held = way.kind === "held" ? { ...(await import("./held-parts.ts")), sizes: way.sizes } : undefined;
  signal.throwIfAborted();
  const { stream, digests } = hashers?.hashInPassing(source, algorithms, hashing) ?? {
    stream: source.stream({ signal }),
    digests: none,
  };
  const parts =
    held?.heldParts({ source, stream, file, target, sizes: held.sizes, memory, meter, signal }) ??
    wholePart(oneShotSource(stream, source), memory, signal);
  return { parts, digests };
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
