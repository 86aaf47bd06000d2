import { checkInfo } from "./_check-info.ts";
import { closedError } from "./_closed-error.ts";
import { contentLength, contentName, isEncoded } from "./_content-headers.ts";
import { contentRange, strongEtag } from "./_content-range.ts";
import { describe } from "./_describe.ts";
import { download, type Version } from "./_download.ts";
import { DownloadReader } from "./_download-reader.ts";
import { httpGet } from "./_http-get.ts";
import { OneShotSource } from "./_one-shot-source.ts";
import { PositionalSource } from "./_positional-source.ts";
import { bodyChunks, bodyOf, discardBody } from "./_response-body.ts";
import { safeName } from "./_safe-name.ts";
import { type Site, type SiteOptions, siteOf } from "./_site.ts";
import { badReplyError, statusError } from "./_url-errors.ts";
import type { ByteSource, SourceInfo } from "./byte-source.ts";

/** Options of `urlSource`. */
export interface UrlSourceOptions extends SourceInfo, SiteOptions {
  /**
   * How often in a row a download that broke off is gone on with without getting a byte further.
   * @default 5
   */
  attempts?: number | undefined;
  /**
   * The wait before going on, in milliseconds; doubles each time.
   * @default 500
   */
  base?: number | undefined;
  /**
   * Whether a chunk that `fetch` gave may be detached as soon as its bytes have been copied into a reader's buffer: its
   * memory is free then, and need not wait for the garbage collector. Only where nobody else has a use for it.
   * @default false
   */
  release?: boolean | undefined;
  /** Aborts the look at the URL, which is what is awaited. Streams have signals of their own. */
  signal?: AbortSignal | undefined;
}

/**
 * Makes a source of what is at an `http:` or `https:` URL. Asks the server once, for the first byte, which tells size,
 * type, name and version, also where a link is signed for GET alone.
 *
 * It is replayable when the server has a strong ETag and answers ranges: then every stream is a request for its range of
 * that very version, and goes on where it breaks off. Otherwise it is streamed once. User info in the URL is sent as an
 * Authorization header; like the query it never shows in an error or in the fingerprint.
 *
 * @throws {UrlError} when the server cannot be reached, refuses, or answers against the rules.
 * @throws {TypeError} for anything but an absolute `http:` or `https:` URL.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { once } from "node:events";
 * import { createServer } from "node:http";
 * import type { AddressInfo } from "node:net";
 * import { urlSource } from "@sluice/source";
 *
 * const server = createServer((_, response) => response.end("hello")).listen(0, "127.0.0.1");
 * await once(server, "listening");
 * const { port } = server.address() as AddressInfo;
 * await using source = await urlSource(new URL(`http://127.0.0.1:${port}/talk.txt?key=secret`));
 * assert.deepEqual([source.name, source.replayable], ["talk.txt", false]);
 * assert.equal(await new Response(source.stream()).text(), "hello");
 * server.close();
 * ```
 */
export async function urlSource(url: URL | string, options: UrlSourceOptions = {}): Promise<ByteSource> {
  const action = "make a source of a URL";
  checkInfo(action, options);
  const { attempts = 5, base = 500, release = false, signal } = options;
  for (const [option, value] of Object.entries({ attempts, base })) {
    if (typeof value !== "number") {
      throw new TypeError(`Cannot ${action}: "${option}" must be a number, received ${describe(value)}`);
    }
    if (!(value >= 0 && value < Infinity)) {
      throw new RangeError(`Cannot ${action}: "${option}" must be a finite number ≥ 0, received ${value}`);
    }
  }
  const site = siteOf(action, url, options);
  signal?.throwIfAborted();

  const stop = new AbortController();
  const abort = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", abort);
  try {
    let found = await httpGet(site, { range: "bytes=0-0" }, stop.signal);
    if (found.response.status === 416) {
      // What has no first byte: an empty file, where its server takes the standard by the letter.
      await discardBody(found.response);
      found = await httpGet(site, {}, stop.signal);
    }
    const { response } = found;
    const info = {
      name: options.name ?? contentName(response.headers) ?? nameOf(found.url),
      type: options.type ?? response.headers.get("content-type") ?? undefined,
    };
    if (response.status === 200) return wholeSource(response, site, info, stop);
    if (response.status === 206) return await rangedSource(response, site, info, { attempts, base }, release, stop);
    await discardBody(response);
    throw statusError(site.url, response.status);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/** The server does not do ranges, and its answer is already the whole: that is what will be streamed. */
function wholeSource(response: Response, site: Site, info: SourceInfo, stop: AbortController): ByteSource {
  const { headers } = response;
  return new OneShotSource({
    ...info,
    size: isEncoded(headers) ? undefined : contentLength(headers),
    kind: "the download",
    chunks: bodyChunks(() => response, site.url, stop),
    borrowed: false,
  });
}

async function rangedSource(
  response: Response,
  site: Site,
  info: SourceInfo,
  retry: { attempts: number; base: number },
  release: boolean,
  stop: AbortController,
): Promise<ByteSource> {
  const { headers } = response;
  const range = contentRange(headers);
  if (range?.start !== 0) {
    await discardBody(response);
    throw badReplyError(site.url, response, "another range than bytes 0-0");
  }
  // One byte, read to its end so that the connection can be used again. More of them are not waited for.
  let excess = -1;
  for await (const chunk of bodyOf(response, site.url, stop.signal)) {
    excess += chunk.byteLength;
    if (excess > 0) break;
  }
  const encoded = isEncoded(headers);
  const etag = strongEtag(headers);
  const { size } = range;
  if (etag !== undefined && size !== undefined && !encoded && headers.get("accept-ranges") !== "none") {
    return versionSource({ site, etag, size, ...retry }, info, release);
  }
  return new OneShotSource({
    ...info,
    size: encoded ? undefined : size,
    kind: "the download",
    chunks: bodyChunks(() => wholeOf(site, stop.signal), site.url, stop),
    borrowed: false,
  });
}

/** A replayable source: every stream, and every row of reads, is a request for its range of one version. */
function versionSource(version: Version, { name, type }: SourceInfo, release: boolean): ByteSource {
  const { size, etag } = version;
  const open = (start: number, end: number) => download(version, start, end);
  const reader = new DownloadReader(open, { size, release });
  return new PositionalSource({
    name,
    type,
    size,
    fingerprint: `${size}-${etag}`,
    chunks: open,
    open: () => reader,
    close: () => reader.end(closedError("read", name)),
  });
}

async function wholeOf(site: Site, signal: AbortSignal): Promise<Response> {
  const { response } = await httpGet(site, {}, signal);
  if (response.status === 200) return response;
  await discardBody(response);
  throw statusError(site.url, response.status);
}

/** The last part of the path, as browsers name a download. */
function nameOf({ pathname }: URL): string | undefined {
  const last = pathname.slice(pathname.lastIndexOf("/") + 1);
  try {
    return safeName(decodeURIComponent(last));
  } catch {
    return safeName(last);
  }
}
