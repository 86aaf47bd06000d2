import { bufferEngine } from "./buffer-engine.ts";
import { tableEngine } from "./table-engine.ts";
import { typedArrayEngine } from "./typed-array-engine.ts";

/** What does the bulk of the work: a runtime's own base64, or tables. */
export interface Engine {
  /** Memory of its own for `size` bytes, all of which are written before it is handed out. */
  allocate(size: number): Uint8Array<ArrayBuffer>;
  /** The text of `bytes`, whose length is a multiple of 3. */
  encode(bytes: Uint8Array, url: boolean): string;
  /** Writes that text to the start of `target`, which has room for it. */
  encodeInto(bytes: Uint8Array, url: boolean, target: Uint8Array<ArrayBuffer>): void;
  /**
   * Decodes `text`, a multiple of 4 characters, into `target`, which has room for just that.
   * @returns Whether each character is one of the alphabet. If not, what is in `target` does not count.
   */
  decode(text: string, url: boolean, target: Uint8Array<ArrayBuffer>): boolean;
}

/**
 * The fastest that is there at the moment of the call.
 *
 * The typed arrays' own methods come first: where both exist they are as fast as `Buffer` (Node 26), and a page may have
 * a slow `Buffer` from its bundler.
 */
export const platformEngine = (): Engine => typedArrayEngine() ?? bufferEngine() ?? tableEngine;
