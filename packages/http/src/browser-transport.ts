import { incomingOf, sendOrFail } from "./fetch-transport.ts";
import { gatherBlob } from "./gather-blob.ts";
import { SMALL_BODY } from "./in-memory.ts";
import type { Segment } from "./segment.ts";
import { SegmentReader } from "./segment-reader.ts";
import type { OutgoingBody, Transport } from "./transport.ts";
import { sendByXhr } from "./xhr.ts";

/**
 * Sends from a page. A body is always a Blob: of slices where its sources are Blobs, gathered where they are not. Streams
 * are not sent even where the browser could: Chromium does so over HTTP/2 alone, which cannot be known beforehand.
 */
export function browserTransport(): Transport {
  return {
    defaults: {},
    async send(outgoing) {
      const { method, url, headers, body, confidential, observed, signal, watch } = outgoing;
      const blob = body && (await blobOf(body, headers.get("content-type"), signal));
      signal.throwIfAborted();
      watch.connected();
      if (blob && observed && "XMLHttpRequest" in globalThis) return sendByXhr(outgoing, blob);
      const init: RequestInit = {
        method,
        headers: new Headers([...headers]),
        signal,
        // A page cannot look at a redirect before it is followed, nor keep a header back from where it leads.
        redirect: confidential || blob ? "error" : "follow",
        // What is polled must not come from a cache.
        cache: "no-store",
      };
      if (blob) init.body = blob;
      // The bytes of a body cannot be seen going out: it cannot be said from when a reply is late.
      if (!blob || blob.size <= SMALL_BODY) watch.sentAll();
      const response = await sendOrFail(globalThis.fetch, url, init, outgoing);
      watch.taken(blob?.size ?? 0);
      return incomingOf(response);
    },
    async close() {},
  };
}

async function blobOf(body: OutgoingBody, type: string | undefined, signal: AbortSignal): Promise<Blob> {
  const parts: BlobPart[] = [];
  try {
    for (const segment of body.segments) parts.push(await partOf(segment, body, signal));
  } catch (reason) {
    body.fail(reason);
    throw reason;
  }
  return new Blob(parts, type === undefined ? {} : { type });
}

async function partOf(segment: Segment, body: OutgoingBody, signal: AbortSignal): Promise<BlobPart> {
  if (segment.kind === "bytes") return segment.bytes;
  if (segment.kind === "source" && segment.source.blob && segment.source.size !== undefined) {
    return segment.source.blob(0, segment.source.size);
  }
  if (!segment.source.replayable) body.spend();
  return gatherBlob(new SegmentReader([segment]), signal);
}
