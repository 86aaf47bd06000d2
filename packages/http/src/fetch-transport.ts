import { gatherBlob } from "./gather-blob.ts";
import { inMemory, SMALL_BODY } from "./in-memory.ts";
import { NetworkFailure } from "./network-failure.ts";
import { segmentStream } from "./segment-stream.ts";
import type { Incoming, Outgoing, OutgoingBody, Transport } from "./transport.ts";

export interface FetchTransportOptions {
  /** Looked up at the call unless given, so that one installed later still counts. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Whether a stream can be sent. @default found out */
  readonly streams?: boolean | undefined;
}

/** A stream that workerd knows the length of; without it, it sends no Content-Length. */
type FixedLength = new (size: number) => ReadableWritablePair<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>;

/** Sends by fetch: where the runtime's own is the only way, or the best one. */
export function fetchTransport(options: FetchTransportOptions = {}): Transport {
  const { streams = "Bun" in globalThis || "FixedLengthStream" in globalThis || sendsStreams() } = options;
  return {
    defaults: { "user-agent": "sluice" },
    async send(outgoing) {
      const { method, url, headers, body, signal, watch } = outgoing;
      const init: RequestInit & { duplex?: "half" } = {
        method,
        headers: new Headers([...headers]),
        signal,
        redirect: "manual",
      };
      // A connection is not to be seen from here.
      watch.connected();
      const unseen = body ? await addBody(init, body, streams, outgoing) : 0;
      // Of what goes out unseen it cannot be said when all of it has, nor from when a reply is late.
      if (unseen !== undefined && unseen <= SMALL_BODY) watch.sentAll();
      const { fetch = globalThis.fetch } = options;
      const response = await sendOrFail(fetch, url, init, outgoing);
      if (unseen !== undefined) watch.taken(unseen);
      return incomingOf(response);
    },
    async close() {},
  };
}

/** Calls fetch; what it throws is the signal's reason or a `NetworkFailure`. */
export async function sendOrFail(
  fetch: typeof globalThis.fetch,
  url: URL,
  init: RequestInit,
  { signal }: Outgoing,
): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    signal.throwIfAborted();
    throw new NetworkFailure(error, true);
  }
}

/** What fetch gives, with errors of ours. */
export function incomingOf(response: Response): Incoming {
  const { status, headers } = response;
  if (response.type === "opaqueredirect") {
    throw new NetworkFailure(new Error("the server answered with a redirect, which cannot be looked at here"), true);
  }
  const reader = response.body?.getReader();
  const body =
    reader &&
    new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        async pull(controller) {
          try {
            const { done, value } = await reader.read();
            if (done) controller.close();
            else controller.enqueue(value);
          } catch (error) {
            controller.error(new NetworkFailure(error, true));
          }
        },
        cancel: (reason) => reader.cancel(reason),
      },
      { highWaterMark: 0 },
    );
  return { status, headers, body };
}

/** @returns The bytes of a body that goes out unseen; undefined of a stream, which tells itself. */
async function addBody(
  init: RequestInit & { duplex?: "half" },
  body: OutgoingBody,
  streams: boolean,
  outgoing: Outgoing,
): Promise<number | undefined> {
  const bytes = inMemory(body.segments);
  if (bytes) {
    init.body = bytes;
    return bytes.byteLength;
  }
  if (!streams) {
    const blob = await gathered(body, outgoing.signal);
    init.body = blob;
    return blob.size;
  }
  const stream = observedStream(body, outgoing);
  const { FixedLengthStream } = globalThis as { FixedLengthStream?: FixedLength };
  init.duplex = "half";
  if (body.size === undefined) {
    init.body = stream;
  } else if (FixedLengthStream) {
    const fixed = new FixedLengthStream(body.size);
    stream.pipeTo(fixed.writable).catch(() => {});
    init.body = fixed.readable;
  } else {
    init.body = stream;
    (init.headers as Headers).set("content-length", String(body.size));
  }
  return undefined;
}

async function gathered({ reader, fail }: OutgoingBody, signal: AbortSignal): Promise<Blob> {
  try {
    return await gatherBlob(reader, signal);
  } catch (reason) {
    fail(reason);
    throw reason;
  }
}

/**
 * The body as a stream that says how far it got. An abort ends it from here: Node's own fetch goes on pulling the stream
 * of a request that was aborted, and Bun's loses the reason.
 */
function observedStream(
  { reader, fail }: OutgoingBody,
  { watch, signal }: Outgoing,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let out = 0;
  const source = segmentStream(reader).getReader();
  const cancel = (): void => {
    source.cancel(signal.reason).catch(() => {});
  };
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start() {
        signal.addEventListener("abort", cancel);
      },
      async pull(controller) {
        watch.taken(out);
        out = 0;
        try {
          const { done, value } = await source.read();
          signal.throwIfAborted();
          if (!done) {
            out = value.byteLength;
            watch.handed();
            controller.enqueue(value);
            return;
          }
          watch.sentAll();
          controller.close();
        } catch (reason) {
          if (!signal.aborted) fail(reason);
          controller.error(reason);
        }
        signal.removeEventListener("abort", cancel);
      },
      cancel(reason) {
        signal.removeEventListener("abort", cancel);
        return source.cancel(signal.aborted ? signal.reason : reason);
      },
    },
    { highWaterMark: 0 },
  );
}

let streamsAreSent: boolean | undefined;

/**
 * Whether fetch takes a stream for a body. Firefox makes the text "[object ReadableStream]" of it without a word, so it
 * is not tried: where streams are known, `duplex` is read, and no Content-Type of text is made up.
 */
export function sendsStreams(): boolean {
  if (streamsAreSent !== undefined) return streamsAreSent;
  let asked = false;
  try {
    const init = {
      method: "POST",
      body: new ReadableStream(),
      get duplex() {
        asked = true;
        return "half";
      },
    };
    const { headers } = new Request("https://example.invalid/", init as RequestInit);
    streamsAreSent = asked && !headers.has("content-type");
  } catch {
    streamsAreSent = false;
  }
  return streamsAreSent;
}
