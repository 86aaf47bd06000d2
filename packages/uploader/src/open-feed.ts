import type { Algorithm } from "@sluice/hash";
import type { Way } from "./choose-way.ts";
import type { Feed } from "./feed.ts";
import { HeldFeed } from "./held-feed.ts";
import { oneShotSource } from "./one-shot-source.ts";
import type { OpenUpload, Undertaking } from "./open-upload.ts";
import { partCount } from "./part-plan.ts";
import type { Digests } from "./part-target.ts";
import type { ProgressMeter } from "./progress.ts";
import { RangeFeed } from "./range-feed.ts";
import { hashApart, hashInPassing } from "./whole-digests.ts";
import { WholeFeed } from "./whole-feed.ts";

/** The parts that are still to be sent, and the digests of the whole. */
export interface OpenFeed {
  readonly feed: Feed;
  readonly digests: Promise<Digests>;
}

/** Opens the source in the way that was chosen. */
export async function openFeed<Session, Receipt, Result>(
  { source, file, target, settings, signal }: Undertaking<Session, Receipt, Result>,
  way: Exclude<Way, { kind: "spool" }>,
  { partSize, receipts }: OpenUpload<Session, Receipt>,
  meter: ProgressMeter,
): Promise<OpenFeed> {
  const { memory, digest, onEvent } = settings;
  const algorithms: Algorithm[] = [...new Set([...(target.digests?.whole ?? []), ...digest])];
  const hashing = { signal, onEvent };
  if (way.kind === "ranges") {
    const size = partSize ?? way.plan.partSize;
    const plan = { ...way.plan, partSize: size, parts: partCount(way.plan.size, size) };
    const feed = new RangeFeed(source, plan, memory, new Set(receipts.keys()));
    // By a reading of its own: the parts leave in any order, and those of an earlier run are not read at all.
    return { feed, digests: algorithms.length > 0 ? hashApart(source, algorithms, hashing) : Promise.resolve({}) };
  }
  const { stream, digests } =
    algorithms.length > 0
      ? await hashInPassing(source, algorithms, hashing)
      : { stream: source.stream({ signal }), digests: Promise.resolve({}) };
  const { name } = file;
  const { size, type } = source;
  if (way.kind === "whole")
    return { feed: new WholeFeed(oneShotSource(stream, { size, name, type }), memory), digests };
  const { limits } = target;
  const feed = new HeldFeed({ source, stream, name, target: target.name, limits, sizes: way.sizes, memory, meter });
  return { feed, digests };
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
