import { waitFor } from "@sluice/poller";
import { UsageError } from "../command-error.ts";
import { parseDuration } from "../duration.ts";
import { EXIT } from "../exit-code.ts";
import type { Invocation } from "../invocation.ts";
import { openProvider, providerNamed } from "../providers/providers.ts";
import { reportFailure } from "../report-failure.ts";
import { resultText } from "../result-text.ts";

/** Options of `sluice wait`, as they are written. */
export interface WaitOptions {
  readonly deadline?: string;
  readonly interval?: string;
  readonly baseUrl?: string;
}

export async function wait(name: string, id: string, options: WaitOptions, invocation: Invocation): Promise<number> {
  const provider = providerNamed(name);
  const { output, signal } = invocation;
  const deadline = options.deadline === undefined ? undefined : parseDuration(options.deadline, "--deadline");
  const interval = options.interval === undefined ? undefined : parseDuration(options.interval, "--interval");
  if (provider.runs === undefined) {
    throw new UsageError(`${provider.title} has no tasks to wait for.`, "What sluice send prints can be used at once.");
  }
  await using handle = await openProvider(provider, options.baseUrl);
  const task = handle.task?.(id);
  if (task === undefined) return EXIT.usage;
  let last: string | undefined;
  try {
    const result = await waitFor(task, {
      deadline,
      interval,
      signal,
      onSnapshot({ state }) {
        if (state !== last) output.detail(`${id}: ${state}`);
        last = state;
      },
    });
    output.result({ type: "result", provider: provider.name, id, result }, resultText(result));
    return EXIT.ok;
  } catch (error) {
    const { exitCode } = reportFailure(output, error, { provider, input: id });
    if (signal.aborted) output.note(`        The task goes on: sluice wait ${provider.name} ${id}`);
    return exitCode;
  }
}
