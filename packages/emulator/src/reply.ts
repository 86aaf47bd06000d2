import { once } from "node:events";
import { createReadStream } from "node:fs";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import type { Exchange } from "./exchange.ts";

/** What a route answers: JSON, text, the bytes of a file, or bytes as they come. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
  readonly file?: { readonly path: string; readonly size: number };
  /** Without a size it goes out in chunks, until it ends. */
  readonly stream?: { readonly bytes: AsyncIterable<Buffer>; readonly size?: number };
}

/** Sends a reply, with whatever the exchange's fault does to it. */
export async function sendReply(exchange: Exchange, reply: Reply, headers: Record<string, string>): Promise<void> {
  const { response, fault, gone, record } = exchange;
  if (gone.aborted) return;
  if (fault.resetAfterWork) {
    exchange.reset();
    return;
  }
  if (fault.delay !== undefined) await sleep(fault.delay, undefined, { signal: gone });
  const { file, stream } = reply;
  const text = replyText(exchange, reply);
  const length = stream ? stream.size : (file?.size ?? Buffer.byteLength(text));
  record.status = reply.status;
  response.writeHead(reply.status, {
    ...(file || stream || reply.status === 204 ? {} : { "content-type": typeOf(text) }),
    ...headers,
    ...reply.headers,
    // RFC 9110, 8.6: no length on a 204.
    ...(length === undefined || reply.status === 204 ? {} : { "content-length": String(length) }),
  });
  if (length === undefined) response.flushHeaders();
  const bytes = stream?.bytes ?? (file ? createReadStream(file.path) : [Buffer.from(text)]);
  await writeShaped(exchange, bytes, length ?? UNKNOWN);
}

/** What half of a reply without a length is half of. */
const UNKNOWN = 256;

/** Writes the bytes as far, and as fast, as the fault lets them through. */
async function writeShaped(
  exchange: Exchange,
  bytes: Iterable<Buffer> | AsyncIterable<Buffer>,
  length: number,
): Promise<void> {
  const { response, fault, gone, body } = exchange;
  const shape = body.announced ? {} : fault;
  const cut = cutOf(fault.truncateReply, length);
  const limit = Math.min(cut, shape.resetAfterBytes ?? Infinity, shape.stallAfterBytes ?? Infinity);
  // A tenth of a second's worth at a time, so that slow is smooth.
  const step = shape.slowTo === undefined ? Infinity : Math.max(1, Math.floor(shape.slowTo / 10));
  let written = 0;
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; ) {
      const piece = chunk.subarray(at, at + Math.min(step, limit - written));
      at += piece.length;
      written += piece.length;
      if (shape.slowTo !== undefined) await sleep((piece.length / shape.slowTo) * 1000, undefined, { signal: gone });
      if (piece.length > 0 && !response.write(piece)) await once(response, "drain", { signal: gone });
      if (written >= limit) return breakOff(exchange, limit, cut);
    }
  }
  if (length === 0 && limit === 0) return breakOff(exchange, limit, cut);
  response.end();
}

/** Ends a reply before its end: closed, reset, or left hanging. */
async function breakOff(exchange: Exchange, limit: number, cut: number): Promise<void> {
  const { response, fault, gone, record } = exchange;
  response.flushHeaders();
  // Node hands headers and first bytes to the socket at the end of the tick.
  await setImmediate();
  if (limit === cut) {
    record.outcome = "reset";
    response.socket?.destroySoon();
  } else if (limit === fault.resetAfterBytes) {
    exchange.reset();
  } else if (!gone.aborted) {
    await once(gone, "abort");
  }
}

function cutOf(truncate: boolean | number | undefined, length: number): number {
  if (truncate === undefined || truncate === false) return Infinity;
  return truncate === true ? length >>> 1 : truncate;
}

function replyText({ fault }: Exchange, reply: Reply): string {
  const text = reply.text ?? JSON.stringify(reply.json) ?? "";
  if (typeof fault.malformedReply === "string") return fault.malformedReply;
  return fault.malformedReply ? text.slice(0, Math.max(1, text.length >>> 1)) || "{" : text;
}

/** What is not JSON is the page, or the line, of a proxy that stands in front. */
function typeOf(text: string): string {
  if (text.startsWith("<")) return "text/html; charset=utf-8";
  return /^[[{]/.test(text) ? "application/json" : "text/plain; charset=utf-8";
}
