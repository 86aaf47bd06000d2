import type { CompressionFormat } from "./compression-format.ts";
import type { Deflater } from "./deflater.ts";
import type { NodeZlib } from "./node-zlib.ts";
import { ZLIB_OUTPUT, ZlibPump } from "./zlib-pump.ts";

const CREATE = { gzip: "createGzip", deflate: "createDeflate", "deflate-raw": "createDeflateRaw" } as const;

/** Deflates by `node:zlib`, on its threads. */
export class ZlibDeflater implements Deflater {
  readonly #pump: ZlibPump;

  constructor(
    zlib: NodeZlib,
    format: CompressionFormat,
    level: number | undefined,
    dictionary: Uint8Array | undefined,
  ) {
    this.#pump = new ZlibPump(
      zlib[CREATE[format]]({
        chunkSize: ZLIB_OUTPUT,
        readableHighWaterMark: 1,
        ...(level === undefined ? {} : { level }),
        ...(dictionary === undefined ? {} : { dictionary }),
      }),
    );
  }

  push(block: Uint8Array): AsyncIterable<Uint8Array<ArrayBuffer>> {
    return this.#pump.write(block);
  }

  finish(): AsyncIterable<Uint8Array<ArrayBuffer>> {
    return this.#pump.end();
  }

  release(): void {
    this.#pump.close();
  }
}
