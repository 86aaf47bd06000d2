import { collectBytes, TooLargeError } from "@sluice/streams";
import type { Call } from "./call.ts";
import type { Reply } from "./http-client.ts";
import { platformHeaders } from "./reply-headers.ts";
import { parseJson } from "./reply-text.ts";
import { ReplyTooLargeError } from "./reply-too-large-error.ts";
import { streamOfBytes } from "./stream-of-bytes.ts";
import type { Received } from "./transport.ts";

/** Makes a reply of what came in. Its body can be read once, by one of three methods. */
export function replyOf(incoming: Received, call: Call, maxReply: number): Reply {
  const { status, headers } = incoming;
  const { method, url } = call;
  let body: Received["body"] | undefined = incoming.body;
  let made: Headers | undefined;

  function take(): Received["body"] {
    if (!body) throw new TypeError(`Cannot read the reply to ${method} ${url}: it has been read`);
    const taken = body;
    body = undefined;
    return taken;
  }

  function stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const taken = take();
    return taken instanceof Uint8Array ? streamOfBytes(taken) : taken;
  }

  async function bytes(): Promise<Uint8Array<ArrayBuffer>> {
    const taken = take();
    const tooLarge = (received: number) => new ReplyTooLargeError(maxReply, received, method, url);
    if (taken instanceof Uint8Array) {
      if (taken.byteLength > maxReply) throw tooLarge(taken.byteLength);
      return taken;
    }
    try {
      return await collectBytes(taken, { limit: maxReply });
    } catch (error) {
      throw error instanceof TooLargeError ? tooLarge(error.received) : error;
    }
  }

  return {
    status,
    get headers() {
      made ??= platformHeaders(headers);
      return made;
    },
    url,
    requestId: call.requestId(headers),
    stream,
    bytes,
    async json<T>(is?: (value: unknown) => value is T): Promise<T> {
      const text = new TextDecoder().decode(await bytes());
      const json = parseJson(text);
      if (!json) {
        const type = headers.get("content-encoding") ?? headers.get("content-type") ?? "no type";
        throw call.badReply(
          incoming,
          text === "" ? "the reply is empty, not JSON" : `the reply is not JSON (${type})`,
          text,
        );
      }
      if (is && !is(json.value)) throw call.badReply(incoming, "the reply's JSON is not of the expected shape", text);
      return json.value as T;
    },
  };
}
