import { checkOffset } from "./_check-range.ts";
import { chunkStream } from "./_chunk-stream.ts";
import { closedError } from "./_closed-error.ts";
import { called } from "./_describe.ts";
import { download, type Version } from "./_download.ts";
import type { ByteRange, ByteSource, SourceInfo } from "./byte-source.ts";

/** A replayable source: every stream is a request for its range of one version. */
export class VersionSource implements ByteSource {
  readonly size: number;
  readonly name: string | undefined;
  readonly type: string | undefined;
  readonly replayable = true;
  readonly fingerprint: string;
  readonly #version: Version;
  readonly #closing = new AbortController();

  constructor(version: Version, { name, type }: SourceInfo) {
    this.size = version.size;
    this.name = name;
    this.type = type;
    this.fingerprint = `${version.size}-${version.etag}`;
    this.#version = version;
  }

  stream({ start = 0, end = this.size, signal }: ByteRange = {}): ReadableStream<Uint8Array<ArrayBuffer>> {
    const what = called(this.name, "the download");
    checkOffset(`stream ${what}`, "start", start, 0, this.size);
    checkOffset(`stream ${what}`, "end", end, start, this.size);
    this.#closing.signal.throwIfAborted();
    return chunkStream(download(this.#version, start, end), {
      what,
      size: end - start,
      signals: signal ? [this.#closing.signal, signal] : [this.#closing.signal],
    });
  }

  async close(): Promise<void> {
    this.#closing.abort(closedError("read", this.name));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
