import { collectBytes, TooLargeError } from "@sluice/streams";
import type { Call } from "./call.ts";
import type { Reply } from "./http-client.ts";
import { platformHeaders } from "./reply-headers.ts";
import { parseJson } from "./reply-text.ts";
import { ReplyTooLargeError } from "./reply-too-large-error.ts";
import { streamOfBytes } from "./stream-of-bytes.ts";
import type { Incoming } from "./transport.ts";

/** Makes a reply of what came in. Its body can be read once, by one of three methods. */
export function replyOf(incoming: Incoming, call: Call, maxReply: number): Reply {
  const { status, headers } = incoming;
  const { method, url } = call;
  let body: ReadableStream<Uint8Array<ArrayBuffer>> | undefined = incoming.body ?? streamOfBytes(new Uint8Array(0));
  let made: Headers | undefined;

  function stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    if (!body) throw new TypeError(`Cannot read the reply to ${method} ${url}: it has been read`);
    const taken = body;
    body = undefined;
    return taken;
  }

  async function bytes(): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return await collectBytes(stream(), { limit: maxReply });
    } catch (error) {
      if (!(error instanceof TooLargeError)) throw error;
      throw new ReplyTooLargeError(maxReply, error.received, method, url);
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
