import type { ByteSink, Stored } from "../byte-sink.ts";
import { isLoopback } from "../is-loopback.ts";

const MAX_REDIRECTS = 5;

/** What was found at an address. */
export interface FetchedFile {
  readonly type: string | undefined;
  readonly stored: Stored;
}

/** Why an address gave nothing. */
export class FetchFailed extends Error {
  override readonly name = "FetchFailed";
}

/** Downloads what is at an address of this machine; others are never called. */
export async function fetchFile(url: URL, sinkFor: () => ByteSink, signal: AbortSignal): Promise<FetchedFile> {
  const reply = await get(url, signal);
  const sink = sinkFor();
  try {
    for await (const chunk of reply.body ?? []) await sink.write(chunk);
    return {
      type: reply.headers.get("content-type")?.split(";", 1)[0]?.trim() || undefined,
      stored: await sink.finish(),
    };
  } catch (error) {
    sink.abort();
    throw failure(error, signal);
  }
}

async function get(url: URL, signal: AbortSignal): Promise<Response> {
  let at = url;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    if (!isLoopback(at)) {
      throw new FetchFailed(`the emulator fetches from this machine alone, and this is ${at.hostname}`);
    }
    const reply = await fetch(at, { redirect: "manual", signal }).catch((error: unknown) => {
      throw failure(error, signal);
    });
    const location = reply.headers.get("location");
    if (reply.ok) return reply;
    await reply.body?.cancel();
    if (reply.status < 300 || reply.status > 399 || location === null) throw new FetchFailed(`HTTP ${reply.status}`);
    const next = URL.parse(location, at);
    if (next === null) throw new FetchFailed("a redirect that leads nowhere");
    at = next;
  }
  throw new FetchFailed("too many redirects");
}

function failure(error: unknown, signal: AbortSignal): FetchFailed {
  if (error instanceof FetchFailed) return error;
  const { cause, message = String(error) } = Object(error) as { cause?: { message?: string }; message?: string };
  return new FetchFailed(signal.aborted ? "it took too long" : (cause?.message ?? message));
}
