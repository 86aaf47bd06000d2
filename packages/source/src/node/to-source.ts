import { describe } from "../_describe.ts";
import { blobSource } from "../blob-source.ts";
import type { ByteSource } from "../byte-source.ts";
import { bytesSource } from "../bytes-source.ts";
import { streamSource } from "../stream-source.ts";
import { urlSource } from "../url-source.ts";
import { fileSource } from "./file-source.ts";

/** What `toSource` makes a source of. */
export type SourceLike =
  | string
  | URL
  | Blob
  | ArrayBufferView
  | ArrayBufferLike
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | Iterable<Uint8Array>
  | ByteSource;

/**
 * Makes a source of whatever a command line or a script holds. The one place where text stands for a file: text that
 * begins with `http:`, `https:`, `file:` or `data:` is a URL, and any other is a path. So it must not be given text that
 * comes from somebody who is not to choose the file.
 *
 * @throws {TypeError} for anything else, and for URLs of other schemes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { toSource } from "@sluice/source/node";
 *
 * const source = await toSource("data:text/plain;base64,c2x1aWNl");
 * assert.deepEqual([source.size, source.type], [6, "text/plain"]);
 * assert.equal((await toSource(import.meta.filename)).name?.endsWith(".ts"), true);
 * ```
 */
export async function toSource(given: SourceLike): Promise<ByteSource> {
  if (typeof given === "string") {
    if (!/^(?:https?|file|data):/i.test(given)) return pathSource(given);
    if (!URL.canParse(given)) {
      throw new TypeError("Cannot make a source: the URL is not valid. Begin a path of that name with ./");
    }
    return fromUrl(new URL(given));
  }
  if (given instanceof URL) return fromUrl(given);
  if (given === null || typeof given !== "object") throw unsuitable(given);
  if ("stream" in given && "replayable" in given) return given;
  if (given instanceof Blob) return blobSource(given);
  if (ArrayBuffer.isView(given) || given instanceof ArrayBuffer || given instanceof SharedArrayBuffer) {
    return bytesSource(given);
  }
  if ("getReader" in given || Symbol.asyncIterator in given || Symbol.iterator in given) return streamSource(given);
  throw unsuitable(given);
}

async function fromUrl(url: URL): Promise<ByteSource> {
  switch (url.protocol) {
    case "http:":
    case "https:":
      return urlSource(url);
    case "file:":
      return fileSource(url);
    case "data:":
      return dataSource(url);
    default:
      throw new TypeError(
        `Cannot make a source: the URL must be one of http:, https:, file: or data:, received one of ${url.protocol}`,
      );
  }
}

/** The platform's parser is the one that knows every oddity of data URLs. */
async function dataSource(url: URL): Promise<ByteSource> {
  const response = await fetch(url).catch(() => {
    throw new TypeError("Cannot make a source: the data: URL is not valid");
  });
  return bytesSource(await response.arrayBuffer(), { type: response.headers.get("content-type") ?? undefined });
}

async function pathSource(path: string): Promise<ByteSource> {
  try {
    return await fileSource(path);
  } catch (error) {
    // Two letters at least: C:\talk.mp4 is a path.
    if (error instanceof Error && /^[a-z][a-z0-9+.-]+:/i.test(path)) {
      error.message += ". It was taken for a path: only http:, https:, file: and data: URLs are understood";
    }
    throw error;
  }
}

function unsuitable(given: unknown): TypeError {
  return new TypeError(
    `Cannot make a source: expected a path, a URL, a Blob, bytes, a stream or an iterable of bytes, received ${describe(given)}`,
  );
}
