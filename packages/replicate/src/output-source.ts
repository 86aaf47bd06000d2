import { type ByteRange, type ByteSource, streamSource, urlSource } from "@sluice/source";

/** A file that a model has made. It is asked for when it is streamed; nothing of it is held. */
export interface OutputSource extends ByteSource {
  readonly url: string;
  /**
   * Looks at the file: a source with its size and its type, which can be read again and in ranges where its server
   * allows that. To be closed by the caller.
   */
  open(options?: { signal?: AbortSignal | undefined }): Promise<ByteSource>;
}

/** What is known of whoever downloads. */
export interface DownloadSettings {
  readonly baseUrl: URL;
  /** Asked for files at the origin of `baseUrl` alone. */
  readonly authorization: () => Promise<string>;
  readonly fetch: typeof globalThis.fetch | undefined;
}

/** Makes a source of the address of an output. */
export function outputSource(url: URL, { baseUrl, authorization, fetch }: DownloadSettings): OutputSource {
  const open = async ({ signal }: { signal?: AbortSignal | undefined } = {}) => {
    // The key goes to the API itself: whoever else keeps outputs must not see it.
    const headers = url.origin === baseUrl.origin ? { authorization: await authorization() } : {};
    return urlSource(url, { signal, headers, ...(fetch && { fetch }) });
  };
  async function* bytes(signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    // Not `await using`, which throws where there is no Symbol.asyncDispose: in WebKit.
    const source = await open({ signal });
    try {
      yield* chunksOf(source.stream({ signal }));
    } finally {
      await source.close();
    }
  }
  let closed = false;
  let taken: ByteSource | undefined;
  const name = nameOf(url);
  return {
    url: url.href,
    size: undefined,
    name,
    type: undefined,
    replayable: false,
    fingerprint: undefined,
    open,
    stream(range: ByteRange = {}) {
      if (closed) throw new TypeError(`Cannot stream ${name ?? "an output"}: it is closed`);
      if (taken) throw new TypeError(`Cannot stream ${name ?? "an output"} again: open() gives a source for that`);
      taken = streamSource(bytes(range.signal), { name });
      return taken.stream(range);
    },
    async close() {
      closed = true;
      await taken?.close();
    },
    [Symbol.asyncDispose]() {
      return this.close();
    },
  };
}

async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    // After the end this does nothing.
    await reader.cancel().catch(() => {});
  }
}

function nameOf({ pathname }: URL): string | undefined {
  const last = pathname.slice(pathname.lastIndexOf("/") + 1);
  return last === "" ? undefined : last;
}
