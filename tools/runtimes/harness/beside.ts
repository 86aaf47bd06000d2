import type { ByteSource } from "@sluice/source";

/** What a suite is told of the run that it is part of. */
export interface Beside {
  /** Where the process listens that starts emulators and looks at memory. */
  readonly host: string;
  /** The process that the suite runs in; the memory of those that it started counts as its own. */
  readonly pid: number;
}

/** A file of 1 GiB that the runtime can be given, and what it must come out as. */
export interface LargeFile {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

let beside: (Beside & { openLarge(): Promise<ByteSource> }) | undefined;

/**
 * Says it, before the first suite is loaded.
 *
 * @param openLarge opens the large file as programs of this runtime have their files
 */
export function setBeside(value: Beside, openLarge: () => Promise<ByteSource>): void {
  beside = { ...value, openLarge };
}

/** Asks the process beside for something. */
export async function ask<Answer>(path: string, body = ""): Promise<Answer> {
  const reply = await fetch(`${beside?.host}${path}`, { method: "POST", body });
  if (!reply.ok) throw new Error(await reply.text());
  return (await reply.json()) as Answer;
}

/** The process that the suite runs in. */
export function ownProcess(): number {
  return beside?.pid ?? 0;
}

/** Opens the large file as programs of this runtime have theirs. */
export async function openLarge(): Promise<ByteSource> {
  if (beside === undefined) throw new Error("Nobody said what there is beside");
  return beside.openLarge();
}
