import type { OpenUpload } from "./open-upload.ts";
import { partCount } from "./part-count.ts";
import { type Progress, ProgressMeter } from "./progress.ts";
import type { Undertaking } from "./undertaking.ts";

/** Counts an upload from where it stands, and warns, once, when it will not be done before the target gives it up. */
export function meterOf<Session, Receipt, Result>(
  { file, target, settings }: Undertaking<Session, Receipt, Result>,
  { createdAt, partSize, receipts }: OpenUpload<Session, Receipt>,
  fail: (reason: unknown) => void,
): ProgressMeter {
  const { clock, onProgress, onEvent } = settings;
  const { lifetime = Infinity } = target.limits;
  const { size } = file;
  const parts = size === undefined || partSize === undefined ? undefined : partCount(size, partSize);
  // All parts are of one size, but the last.
  const last = parts !== undefined && receipts.has(parts - 1) ? parts * (partSize ?? 0) - (size ?? 0) : 0;
  let warned = false;
  const report = (progress: Progress) => {
    onProgress?.(progress);
    const expected = warned ? undefined : meter.willTake();
    if (expected === undefined || expected <= lifetime) return;
    warned = true;
    onEvent({ type: "too-slow", expected, lifetime });
  };
  const meter: ProgressMeter = new ProgressMeter({
    clock,
    report,
    total: size,
    parts,
    acknowledged: receipts.size * (partSize ?? 0) - last,
    done: receipts.size,
    createdAt,
    raise: fail,
  });
  return meter;
}
