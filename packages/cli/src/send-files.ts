import { tmpdir } from "node:os";
import { resolve } from "node:path";
import type { Reference } from "@sluice/http/provider";
import type { Journal } from "@sluice/uploader";
import { formatSize } from "./byte-size.ts";
import { CommandError } from "./command-error.ts";
import { formatDuration } from "./duration.ts";
import { EXIT, exitCodeOf } from "./exit-code.ts";
import { type Invocation, openBoard } from "./invocation.ts";
import { type Input, labelOf, openInput } from "./open-input.ts";
import type { ProgressBoard } from "./progress-board.ts";
import type { ProviderEntry, ProviderHandle, ProviderValues, Transfer } from "./providers/provider-entry.ts";
import { reportFailure } from "./report-failure.ts";
import { uploadKey } from "./saved-uploads.ts";
import { workId } from "./work-id.ts";

/** One thing to send. */
export interface Item {
  /** A path, an address, or `-`. */
  readonly given: string;
  readonly provider: ProviderEntry;
  readonly handle: ProviderHandle;
  /** Where its uploads go, as far as it is not the provider's own place. */
  readonly baseUrl: string | undefined;
  readonly name: string | undefined;
  readonly type: string | undefined;
  readonly values: ProviderValues;
}

/** What all files share. */
export interface SendSettings extends Pick<Transfer, "memory" | "bandwidth" | "concurrency" | "partSize"> {
  readonly journal: Journal | undefined;
}

/** Files at once: enough to keep small ones moving, few enough for each to have connections. */
const AT_ONCE = 4;

/** Sends all, a few at a time. A failure is told, and does not stop the others. */
export async function sendFiles(
  items: readonly Item[],
  settings: SendSettings,
  invocation: Invocation,
): Promise<number> {
  const board = await openBoard(invocation);
  board.count = items.length;
  const codes: number[] = [];
  const queue = items.values();
  const work = async () => {
    for (const item of queue) {
      if (invocation.signal.aborted) return;
      codes.push(await sendOne(item, settings, invocation, board));
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, work));
  } finally {
    board.close();
  }
  return invocation.signal.aborted ? EXIT.interrupted : exitCodeOf(codes);
}

async function sendOne(
  item: Item,
  settings: SendSettings,
  invocation: Invocation,
  board: ProgressBoard,
): Promise<number> {
  const { provider, given } = item;
  const { output, signal } = invocation;
  let kept = false;
  let key: string | undefined;
  try {
    const input = openInput(given, item);
    key = keyOf(item, input);
    const size = "size" in input.content ? input.content.size : undefined;
    if (size === 0 && provider.refusesEmpty) {
      throw new CommandError(`"${input.label}" is empty, and ${provider.title} takes no empty files.`, "Leave it out.");
    }
    if (given === "-" && provider.parts) {
      output.note(
        `${provider.title} must know the size first: the input goes through a temporary file in ${tmpdir()}.`,
      );
    }
    const file = board.begin(input.label, size);
    const began = performance.now();
    try {
      const reference = await item.handle.send(input.content, item.values, {
        ...settings,
        name: input.content instanceof URL ? item.name : undefined,
        type: item.type,
        signal,
        spool: tmpdir(),
        journal: key === undefined ? undefined : settings.journal,
        key,
        onProgress: (progress) => file.update(progress),
        onEvent(event) {
          if (event.type === "cleanup") kept = "state" in event && event.state === "kept";
          if (event.type === "retry") file.retried();
          tell(event, input, invocation);
        },
      });
      file.end();
      report(item, input, reference, performance.now() - began, invocation);
      return EXIT.ok;
    } finally {
      file.end();
      await input.close();
    }
  } catch (error) {
    const id = kept && key !== undefined ? workId(key) : undefined;
    const { exitCode } = reportFailure(output, error, { provider, input: labelOf(given), resume: id });
    if (signal.aborted && id === undefined)
      output.note("        Nothing of it is kept: the same command sends it anew.");
    return exitCode;
  }
}

/** What can be gone on with has a place in the journal: a file that goes in parts. */
function keyOf({ given, provider, baseUrl, name, type, values }: Item, { content }: Input): string | undefined {
  if (!provider.parts || content instanceof URL || !content.replayable) return undefined;
  return uploadKey({ provider: provider.name, baseUrl, path: resolve(given), name, type, values });
}

function tell(event: Parameters<Transfer["onEvent"]>[0], { label }: Input, { output }: Invocation): void {
  if (event.type === "resume" && "bytes" in event && event.bytes > 0) {
    output.note(`${label}: ${formatSize(event.bytes)} have arrived before; going on from there.`);
  }
  if (event.type === "restart" && "reason" in event) output.note(`${label}: starts over (${event.reason}).`);
  if (event.type === "unusual-name" && "message" in event) output.note(`${event.message}.`);
  if (event.type === "too-slow")
    output.note(`${label}: at this rate it will not arrive in the time that the provider gives.`);
  if (event.type === "journal" && "warning" in event) output.note(event.warning.message);
  if (event.type === "retry" && "error" in event) {
    output.detail(
      `! ${label}: ${event.error instanceof Error ? event.error.message : event.error}; again in ${Math.round(event.delay)} ms`,
    );
  }
}

function report(item: Item, { label }: Input, reference: Reference, span: number, { output }: Invocation): void {
  const { value, method, size, expiresAt, reason } = reference;
  output.result(
    {
      type: "sent",
      input: label,
      provider: item.provider.name,
      value,
      method,
      ...(size !== undefined && { size }),
      ...(expiresAt !== undefined && { expiresAt: expiresAt.toISOString() }),
      reason,
      seconds: Math.round(span) / 1000,
    },
    value,
  );
  const amount = size === undefined ? "" : ` (${formatSize(size)})`;
  const until = expiresAt === undefined ? "" : `; kept until ${expiresAt.toISOString()}`;
  output.note(
    `Sent ${label === "-" ? (item.name ?? "the standard input") : label}${amount} to ${item.provider.title} in ${formatDuration(span)}${until}.`,
  );
}
