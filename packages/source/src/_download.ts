import type { Chunks } from "./_chunks.ts";
import { isEncoded } from "./_content-headers.ts";
import { contentRange, strongEtag } from "./_content-range.ts";
import { httpGet } from "./_http-get.ts";
import { redactUrl } from "./_redact.ts";
import { bodyOf } from "./_response-body.ts";
import type { Site } from "./_site.ts";
import { badReplyError, brokenOffError, statusError } from "./_url-errors.ts";
import { SourceChangedError } from "./source-changed-error.ts";
import { UrlError } from "./url-error.ts";

/** One version of what a server has at an address. */
export interface Version {
  readonly site: Site;
  readonly etag: string;
  readonly size: number;
  /** How often in a row to go on where a transfer broke, without a byte of progress. */
  readonly attempts: number;
  /** The wait before the first of those; doubles. */
  readonly base: number;
}

/** Makes the chunks of a range, which go on by another request where a transfer breaks. */
export function download(version: Version, start: number, end: number): Chunks {
  const stop = new AbortController();
  const iterator = bytesOf(version, start, end, stop.signal);
  return {
    next: () => iterator.next(),
    async cancel(reason) {
      stop.abort(reason);
      // Settles when the request is gone: what it was rejected with is the reason that it was cancelled for.
      await iterator.return(undefined).catch(() => {});
    },
  };
}

async function* bytesOf(
  version: Version,
  start: number,
  end: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, undefined> {
  let position = start;
  let fruitless = 0;
  while (position < end) {
    try {
      for await (const chunk of partOf(version, position, end, signal)) {
        position += chunk.byteLength;
        fruitless = 0;
        yield chunk;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof UrlError) || !error.retryable || fruitless >= version.attempts) throw error;
    }
    if (position === end) return;
    if (fruitless >= version.attempts) throw brokenOffError(version.site.url);
    await sleep(version.base * 2 ** fruitless * (0.5 + Math.random() / 2), signal);
    fruitless += 1;
  }
}

/** One request: what it yields lies within `start` and `end`, and is of the version that was asked for. */
async function* partOf(
  version: Version,
  start: number,
  end: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, undefined> {
  const { site, etag } = version;
  const { response } = await httpGet(
    site,
    // If-Match answers a change with 412; servers that only know If-Range answer it with the whole of the new version.
    { range: `bytes=${start}-${end - 1}`, "if-match": etag, "if-range": etag },
    signal,
  );
  const last = checkReply(version, response, start, end);
  if (last instanceof Error) {
    await response.body?.cancel().catch(() => {});
    throw last;
  }
  let position = start;
  for await (const chunk of bodyOf(response, site.url, signal)) {
    position += chunk.byteLength;
    if (position > last) throw badReplyError(site.url, response, `more bytes than its Content-Range says`);
    yield chunk;
  }
}

/** Where the reply's bytes end, or why they are of no use. */
function checkReply({ site, etag, size }: Version, response: Response, start: number, end: number): number | Error {
  const { status, headers } = response;
  const changed = (received: string) =>
    new SourceChangedError({ url: redactUrl(site.url), expected: `${etag}, ${size} bytes`, received });
  if (status === 412 || status === 416) return changed(`status ${status}`);
  if (status !== 200 && status !== 206) return statusError(site.url, status);
  if (strongEtag(headers) !== etag) return changed(headers.get("etag") ?? "no ETag");
  if (isEncoded(headers)) return badReplyError(site.url, response, "an encoded body");
  if (status === 200) {
    return start === 0 && end === size
      ? end
      : badReplyError(site.url, response, "the whole when it was asked for a range");
  }
  const range = contentRange(headers);
  if (range?.start !== start || range.end > end) {
    return badReplyError(site.url, response, `another range than bytes ${start}-${end - 1}`);
  }
  return range.size === undefined || range.size === size ? range.end : changed(`${range.size} bytes`);
}

function sleep(delay: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, delay);
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
  });
}
