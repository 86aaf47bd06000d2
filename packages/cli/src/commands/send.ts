import { parseSize } from "../byte-size.ts";
import { UsageError } from "../command-error.ts";
import type { Invocation } from "../invocation.ts";
import { optionalSize, parseCount, providerValues } from "../option-values.ts";
import type { ProviderEntry } from "../providers/provider-entry.ts";
import { openProvider, placeOf, providerNamed } from "../providers/providers.ts";
import { openJournal } from "../saved-work.ts";
import { type SendSettings, sendFiles } from "../send-files.ts";

/** Options of `sluice send`, as they are written. */
export interface SendOptions extends TransferOptions {
  readonly to: string;
  readonly name?: string;
  readonly type?: string;
  readonly baseUrl?: string;
  readonly resume: boolean;
}

/** Those that `sluice resume` has, too. */
export interface TransferOptions {
  readonly concurrency?: string;
  readonly partSize?: string;
  readonly limitRate?: string;
  readonly memory?: string;
}

export async function send(inputs: readonly string[], options: SendOptions, invocation: Invocation): Promise<number> {
  const provider = providerNamed(options.to);
  const values = providerValues(provider, { ...options });
  const { name, type, baseUrl } = options;
  if (name !== undefined && inputs.length > 1) {
    throw new UsageError("--name is for one file, and there are several.", "Send them one by one, or leave it out.");
  }
  if (inputs.filter((input) => input === "-").length > 1) {
    throw new UsageError("- stands for the standard input, which can be read once.", "Name it once.");
  }
  checkParts(provider, options);
  const settings = await transferSettings(options);
  await using handle = await openProvider(provider, baseUrl);
  const journal = provider.parts && options.resume ? await openJournal() : undefined;
  const place = { provider, handle, baseUrl: baseUrl ?? placeOf(provider), name, type, values };
  // Awaited here: the connections are closed when this returns.
  return await sendFiles(
    inputs.map((given) => ({ given, ...place })),
    { ...settings, journal },
    invocation,
  );
}

/** What is shared by all files, loaded with what it is made of. */
export async function transferSettings({
  concurrency,
  partSize,
  limitRate,
  memory,
}: TransferOptions): Promise<Omit<SendSettings, "journal">> {
  const rate = limitRate === undefined ? undefined : parseSize(limitRate, "--limit-rate");
  const held = optionalSize(memory, "--memory");
  const parts = optionalSize(partSize, "--part-size");
  const count = concurrency === undefined ? undefined : parseCount(concurrency, "--concurrency");
  const { createMemory, createThrottle } = await import("@sluice/uploader");
  return {
    concurrency: count,
    partSize: parts,
    memory: held === undefined ? undefined : createMemory(held),
    bandwidth: rate === undefined ? undefined : createThrottle(rate),
  };
}

function checkParts({ parts, title }: ProviderEntry, { concurrency, partSize }: TransferOptions): void {
  for (const [flag, value] of [
    ["--concurrency", concurrency],
    ["--part-size", partSize],
  ] as const) {
    if (value === undefined || parts) continue;
    throw new UsageError(
      `${flag} is for files that go in parts, and ${title} takes each in one request.`,
      "Leave it out.",
    );
  }
}
