import type { Expander } from "@sluice/streams";
import type { CompressionFormat } from "./compression-format.ts";
import type { Deflater } from "./deflater.ts";
import type { CompressionEngine } from "./engine.ts";
import { FflateDeflater } from "./fflate-deflater.ts";
import { nativeClasses } from "./native-classes.ts";
import { NativeDeflater } from "./native-deflater.ts";
import { nodeZlib } from "./node-zlib.ts";
import { type BytesChunk, OwnedPieces } from "./owned-pieces.ts";
import { ZlibDeflater } from "./zlib-deflater.ts";

export interface CompressorSettings {
  readonly format: CompressionFormat;
  readonly engine: CompressionEngine;
  readonly level: number | undefined;
  readonly dictionary: Uint8Array | undefined;
}

/** What an engine is given at a time. */
const BLOCK = 131_072;

/**
 * Cuts its input into blocks of one size, whatever it came in, so that the output depends on the input's bytes alone and a
 * thousand small writes are one round trip to an engine.
 */
export class Compressor implements Expander<BytesChunk, Uint8Array<ArrayBuffer>> {
  readonly #pieces = new OwnedPieces("compress");
  readonly #deflater: Deflater;
  #block = new Uint8Array(0);
  #filled = 0;

  constructor({ format, engine, level, dictionary }: CompressorSettings) {
    const Native = nativeClasses.CompressionStream;
    const zlib = nodeZlib();
    if (engine === "zlib" && zlib) this.#deflater = new ZlibDeflater(zlib, format, level, dictionary);
    else if (engine === "native" && Native) this.#deflater = new NativeDeflater(Native, format);
    else this.#deflater = new FflateDeflater(format, level, dictionary);
  }

  async start(): Promise<void> {
    await this.#deflater.start?.();
  }

  async *transform(chunk: BytesChunk): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    for (const piece of this.#pieces.of(chunk)) {
      let offset = 0;
      while (offset < piece.length) {
        const left = piece.length - offset;
        if (this.#filled === 0 && left >= BLOCK) {
          yield* this.#deflater.push(piece.subarray(offset, offset + BLOCK));
          offset += BLOCK;
          continue;
        }
        const size = Math.min(left, BLOCK - this.#filled);
        if (this.#block.length === 0) this.#block = new Uint8Array(BLOCK);
        this.#block.set(piece.subarray(offset, offset + size), this.#filled);
        this.#filled += size;
        offset += size;
        if (this.#filled < BLOCK) break;
        this.#filled = 0;
        yield* this.#deflater.push(this.#block);
      }
    }
  }

  async *flush(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    if (this.#filled > 0) yield* this.#deflater.push(this.#block.subarray(0, this.#filled));
    yield* this.#deflater.finish();
  }

  async cancel(): Promise<void> {
    await this.#deflater.release();
  }
}
