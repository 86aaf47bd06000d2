import { collectBytes, TooLargeError } from "@sluice/streams";
import type { Call } from "./call.ts";
import type { Reply } from "./http-client.ts";
import { platformHeaders } from "./reply-headers.ts";
import { parseJson } from "./reply-text.ts";
import { ReplyTooLargeError } from "./reply-too-large-error.ts";
import { streamOfBytes } from "./stream-of-bytes.ts";
import type { Received } from "./transport.ts";

/**
 * The reply that came in. Its body can be read once, by one of three methods.
 *
 * A class for its getter: each object literal that has one makes V8 a hidden class of its own, which keeps the object
 * alive until all of the heap is collected. That was 2.4 kB a request. A reply may be taken apart: `{ headers, stream }`.
 */
export class ReceivedReply implements Reply {
  readonly status: number;
  readonly url: string;
  readonly requestId: string | undefined;
  readonly #head: Omit<Received, "body">;
  readonly #call: Call;
  readonly #maxReply: number;
  #body: Received["body"] | undefined;
  #headers: Headers | undefined;

  constructor({ body, ...head }: Received, call: Call, maxReply: number) {
    this.status = head.status;
    this.url = call.url;
    this.requestId = call.requestId(head.headers);
    this.#head = head;
    this.#call = call;
    this.#maxReply = maxReply;
    this.#body = body;
  }

  get headers(): Headers {
    this.#headers ??= platformHeaders(this.#head.headers);
    return this.#headers;
  }

  readonly stream = (): ReadableStream<Uint8Array<ArrayBuffer>> => {
    const taken = this.#take();
    return taken instanceof Uint8Array ? streamOfBytes(taken) : taken;
  };

  readonly bytes = async (): Promise<Uint8Array<ArrayBuffer>> => {
    const taken = this.#take();
    const tooLarge = (received: number) =>
      new ReplyTooLargeError(this.#maxReply, received, this.#call.method, this.url);
    if (taken instanceof Uint8Array) {
      if (taken.byteLength > this.#maxReply) throw tooLarge(taken.byteLength);
      return taken;
    }
    try {
      return await collectBytes(taken, { limit: this.#maxReply });
    } catch (error) {
      throw error instanceof TooLargeError ? tooLarge(error.received) : error;
    }
  };

  readonly json = async <T>(is?: (value: unknown) => value is T): Promise<T> => {
    const text = new TextDecoder().decode(await this.bytes());
    const json = parseJson(text);
    const head = this.#head;
    if (!json) {
      const type = head.headers.get("content-encoding") ?? head.headers.get("content-type") ?? "no type";
      throw this.#call.badReply(
        head,
        text === "" ? "the reply is empty, not JSON" : `the reply is not JSON (${type})`,
        text,
      );
    }
    if (is && !is(json.value)) throw this.#call.badReply(head, "the reply's JSON is not of the expected shape", text);
    return json.value as T;
  };

  #take(): Received["body"] {
    const taken = this.#body;
    if (!taken) throw new TypeError(`Cannot read the reply to ${this.#call.method} ${this.url}: it has been read`);
    this.#body = undefined;
    return taken;
  }
}
