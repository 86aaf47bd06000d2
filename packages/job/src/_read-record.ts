import type { PollState } from "@sluice/poller";
import type { Entry } from "@sluice/uploader";

/** Of the entries of a job. One that an older release cannot read is of another format. */
export const FORMAT = 1;

/** A job as it was written down. */
export interface Recorded {
  /** When it was first run. */
  readonly createdAt?: number;
  /** What `send` resolved to. */
  readonly sent?: { readonly value: unknown };
  /** A start that was begun, at `at`, and of whose end nothing is written down. */
  readonly starting?: { readonly at: number | undefined };
  /** What was started. */
  readonly started?: { readonly value: unknown };
  /** How far it was followed. */
  readonly polling?: PollState;
  /** Whether the deadline was reported: the next run has all the time again. */
  readonly late?: boolean;
  /** Keys of uploads that are of no use any more. */
  readonly leftover?: readonly string[];
}

/** What is known of a job whose journal could not be trusted. */
export const UNSURE: Recorded = { starting: { at: undefined } };

/**
 * Makes sense of a journal's entries.
 *
 * @returns undefined where they are no job's, or another version's.
 */
export function readRecord([first, ...rest]: readonly Entry[]): Recorded | undefined {
  if (first?.["type"] !== "job" || first["format"] !== FORMAT) return undefined;
  const { at: createdAt, afterDamage } = first as Entry & { readonly at?: number; readonly afterDamage?: true };
  let recorded: Recorded = { ...(afterDamage && UNSURE), ...(createdAt !== undefined && { createdAt }) };
  for (const { type, at, value, leftover, state } of rest as StepEntry[]) {
    const { starting: _, ...settled } = recorded;
    if (type === "sent") recorded = { ...recorded, sent: { value }, leftover };
    else if (type === "starting") recorded = { ...recorded, starting: { at } };
    else if (type === "refused") recorded = settled;
    else if (type === "started")
      recorded = { ...settled, started: { value }, leftover: leftover ?? settled.leftover ?? [] };
    else if (type === "polling") recorded = { ...recorded, polling: state, late: false };
    else if (type === "late") recorded = { ...recorded, late: true };
    else return undefined;
  }
  return recorded;
}

/** Any entry but the first. */
interface StepEntry extends Entry {
  readonly type: unknown;
  readonly at: number;
  readonly value: unknown;
  readonly leftover: readonly string[];
  readonly state: PollState;
}
