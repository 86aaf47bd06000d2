/** An engine's part in compression: bytes in, compressed bytes out, one piece for each that is asked for. */
export interface Deflater {
  /** Loads what must be loaded. */
  start?(): Promise<void>;
  /** Has no use for `block` once the iteration has ended. */
  push(block: Uint8Array<ArrayBuffer>): Iterable<Uint8Array<ArrayBuffer>> | AsyncIterable<Uint8Array<ArrayBuffer>>;
  finish(): Iterable<Uint8Array<ArrayBuffer>> | AsyncIterable<Uint8Array<ArrayBuffer>>;
  release(): void | Promise<void>;
}
