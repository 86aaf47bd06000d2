import { BadData } from "./malformed-data.ts";
import type { NodeZlib } from "./node-zlib.ts";
import { Portion } from "./portion.ts";
import type { RawInflater } from "./raw-inflater.ts";
import { ZLIB_OUTPUT, ZlibPump } from "./zlib-pump.ts";

/** Of the input, given at a time, at most; and output that is wanted of it, which the pump lets wait. */
const LARGEST = 131_072;
const WANTED = 4 * ZLIB_OUTPUT;

/** Inflates by `node:zlib`, on its threads. */
export class ZlibInflater implements RawInflater {
  rest: Uint8Array | undefined;
  readonly #pump: ZlibPump;
  readonly #portion = new Portion(LARGEST, WANTED);

  constructor(zlib: NodeZlib, dictionary: Uint8Array | undefined) {
    const options = { chunkSize: ZLIB_OUTPUT, readableHighWaterMark: 1 };
    this.#pump = new ZlibPump(zlib.createInflateRaw(dictionary ? { ...options, dictionary } : options));
  }

  get consumed(): number {
    return this.#pump.consumed;
  }

  async *push(input: Uint8Array): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    const pump = this.#pump;
    try {
      for (let at = 0; at < input.length && !this.rest; ) {
        const portion = input.subarray(at, at + this.#portion.size);
        const before = pump.consumed;
        pump.write(portion);
        let size = 0;
        for (let output = await pump.read(true); output; output = await pump.read(true)) {
          size += output.length;
          yield output;
        }
        // zlib takes all, unless the data ended before.
        const used = pump.consumed - before;
        if (used < portion.length) this.rest = input.subarray(at + used);
        this.#portion.came(size, portion.length);
        at += portion.length;
      }
      const unfilled = await pump.read();
      if (unfilled) yield unfilled;
    } catch (error) {
      throw zlibFault(error);
    }
  }

  async *finish(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    const pump = this.#pump;
    try {
      pump.end();
      for (let output = await pump.read(); output; output = await pump.read()) yield output;
    } catch (error) {
      throw zlibFault(error);
    }
    pump.close();
    this.rest = new Uint8Array(0);
  }

  release(): void {
    this.#pump.close();
  }
}

/** What zlib says of its data; anything else, such as a lack of memory, stays what it is. */
function zlibFault(error: unknown): unknown {
  const { code, message } = error as { code?: unknown; message?: string };
  if (code === "Z_BUF_ERROR") return new BadData("truncated-data", "the input ends before the data does", error);
  if (code === "Z_DATA_ERROR") return new BadData("malformed-data", message ?? "the data is invalid", error);
  return error;
}
