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

  async *push(block: Uint8Array): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    this.#pump.write(block);
    for (let output = await this.#pump.read(); output; output = await this.#pump.read()) yield output;
  }

  async *finish(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    this.#pump.end();
    for (let output = await this.#pump.read(); output; output = await this.#pump.read()) yield output;
    this.#pump.close();
  }

  release(): void {
    this.#pump.close();
  }
}
