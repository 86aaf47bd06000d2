import { BadData } from "./malformed-data.ts";
import type { NodeZlib } from "./node-zlib.ts";
import type { RawInflater } from "./raw-inflater.ts";
import { ZLIB_OUTPUT, ZlibPump } from "./zlib-pump.ts";

/** Inflates by `node:zlib`, on its threads. */
export class ZlibInflater implements RawInflater {
  rest: Uint8Array | undefined;
  readonly #pump: ZlibPump;

  constructor(zlib: NodeZlib, dictionary: Uint8Array | undefined) {
    const options = { chunkSize: ZLIB_OUTPUT, readableHighWaterMark: 1 };
    this.#pump = new ZlibPump(zlib.createInflateRaw(dictionary ? { ...options, dictionary } : options));
  }

  get consumed(): number {
    return this.#pump.consumed;
  }

  async *push(input: Uint8Array): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    const before = this.#pump.consumed;
    try {
      yield* this.#pump.write(input);
    } catch (error) {
      throw zlibFault(error);
    }
    // zlib takes all, unless the data ended before.
    const used = this.#pump.consumed - before;
    if (used < input.length) this.rest = input.subarray(used);
  }

  async *finish(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    try {
      yield* this.#pump.end();
    } catch (error) {
      throw zlibFault(error);
    }
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
