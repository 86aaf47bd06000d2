import type { TakeChunk } from "@sluice/source";

/** Hands the chunks of a stream on, one by one. When it ends otherwise, nothing is read any more. */
export async function pourStream(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  take: TakeChunk,
  signal: AbortSignal,
): Promise<void> {
  const reader = stream.getReader();
  const stop = () => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener("abort", stop);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return;
      const wait = take(value);
      if (wait) await wait;
    }
  } catch (reason) {
    await reader.cancel(reason);
    throw reason;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
