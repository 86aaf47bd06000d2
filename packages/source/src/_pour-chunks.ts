import type { Chunks } from "./_chunks.ts";
import type { CountedChunks } from "./_counted-chunks.ts";
import type { TakeChunk } from "./byte-source.ts";

/**
 * Hands chunks on, one by one. Each signal ends it at once with its reason, even where the next chunk never comes.
 *
 * @param lend Whether chunks may come in memory that is used again.
 */
export function pourChunks(
  chunks: Chunks,
  counted: CountedChunks,
  take: TakeChunk,
  signals: readonly AbortSignal[],
  lend: boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let over = false;
    const settle = (): void => {
      over = true;
      for (const signal of signals) signal.removeEventListener("abort", onAbort);
    };
    const stop = (reason: unknown): void => {
      if (over) return;
      settle();
      reject(reason);
      chunks.cancel(reason).catch(() => {});
    };
    const onAbort = (event: Event): void => stop((event.target as AbortSignal).reason);

    const run = async (): Promise<void> => {
      while (!over) {
        // Also where there is nothing to wait for: others are to have their turn, and V8 counts a small chunk as 200 bytes
        // whatever its size; without a promise for each, 200 MiB of them lay about before they were collected.
        const { done, value, lent } = await (lend && chunks.lend ? chunks.lend() : chunks.next());
        if (over) return;
        if (done) {
          counted.end();
          settle();
          return resolve();
        }
        const bytes = counted.pass(value);
        const wait = bytes.byteLength > 0 ? take(bytes, lent) : undefined;
        if (wait) await wait;
      }
    };

    const aborted = signals.find((signal) => signal.aborted);
    if (aborted) return stop(aborted.reason);
    for (const signal of signals) signal.addEventListener("abort", onAbort);
    run().catch(stop);
  });
}
