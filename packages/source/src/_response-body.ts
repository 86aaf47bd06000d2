import type { Chunks } from "./_chunks.ts";
import { brokenOffError } from "./_url-errors.ts";

/** The chunks of a reply, whose transport's errors are made ours. Ends the transfer however it is left. */
export async function* bodyOf(
  response: Response,
  url: URL,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, undefined> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  // A `fetch` of the caller's may not heed the signal, and a read of its body would never end.
  const abort = () => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener("abort", abort);
  try {
    while (true) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw brokenOffError(url, error);
      });
      signal.throwIfAborted();
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    reader.cancel().catch(() => {});
  }
}

/** The chunks of a reply that is already there, or is yet to be asked for. `stop` is what the request is made with. */
export function bodyChunks(respond: () => Response | Promise<Response>, url: URL, stop: AbortController): Chunks {
  const iterator = (async function* () {
    yield* bodyOf(await respond(), url, stop.signal);
  })();
  return {
    next: () => iterator.next(),
    async cancel(reason) {
      stop.abort(reason);
      await iterator.return(undefined).catch(() => {});
    },
  };
}

/** Lets go of a reply that nobody wants to read. */
export async function discardBody({ body }: Response): Promise<void> {
  if (body?.locked === false) await body.cancel().catch(() => {});
}
