import { type ByteSource, blobSource, bytesSource, streamSource, urlSource } from "@sluice/source";
import { downloadFetch } from "#download-fetch";
import { describe } from "../describe.ts";
import { isSource } from "../is-source.ts";

/** What can be sent. A string is none of it: a path is `file(path)`, an address is a `URL`. */
export type Sendable = ByteSource | URL | Blob | Uint8Array | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** A source of what is to be sent. */
export interface OpenedSource {
  readonly source: ByteSource;
  /** Closes what was opened here; a source that was passed in stays open. */
  close(): Promise<void>;
}

/** Whether a value can be sent. */
export function isSendable(value: unknown): value is Sendable {
  if (value === null || typeof value !== "object") return false;
  return (
    value instanceof URL ||
    value instanceof Blob ||
    value instanceof Uint8Array ||
    isSource(value) ||
    typeof (value as Partial<ReadableStream>).getReader === "function" ||
    Symbol.asyncIterator in value
  );
}

/**
 * Makes a source of whatever can be sent; an address is looked at.
 *
 * @throws {TypeError} for anything else. Strings above all: text that a model is to read must never open a file.
 */
export async function openSendable(
  input: Sendable,
  { provider, signal }: { provider: string; signal?: AbortSignal | undefined },
): Promise<OpenedSource> {
  if (typeof input === "string") {
    throw new TypeError(
      `Cannot send a string to ${provider}: a path is file(path) of @sluice/source/node, an address is a URL object`,
    );
  }
  if (!isSendable(input)) {
    throw new TypeError(
      `Cannot send to ${provider}: the input must be a source, URL, Blob, Uint8Array, stream or async iterable, received ${describe(input)}`,
    );
  }
  if (isSource(input)) return { source: input, close: async () => {} };
  if (input instanceof URL) return openUrl(input, signal);
  const source = open(input);
  return { source, close: () => source.close() };
}

async function openUrl(url: URL, signal: AbortSignal | undefined): Promise<OpenedSource> {
  const download = downloadFetch();
  const close = async (): Promise<void> => download?.close();
  try {
    const source = await urlSource(url, { signal, fetch: download?.fetch, release: download?.release });
    return { source, close: () => source.close().finally(close) };
  } catch (error) {
    await close();
    throw error;
  }
}

function open(input: Exclude<Sendable, ByteSource | URL>): ByteSource {
  if (input instanceof Blob) return blobSource(input);
  if (input instanceof Uint8Array) return bytesSource(input);
  return streamSource(input);
}
