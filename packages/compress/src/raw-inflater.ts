/** An engine's part in decompression: raw deflate data in, bytes out, one piece for each that is asked for. */
export interface RawInflater {
  /** Bytes of the input behind the end of the data; undefined before that has been found. */
  readonly rest: Uint8Array | undefined;
  /** How many bytes of data were read and found good. */
  readonly consumed: number;
  /** @throws {BadData} in the iteration. */
  push(input: Uint8Array): Iterable<Uint8Array<ArrayBuffer>> | AsyncIterable<Uint8Array<ArrayBuffer>>;
  /** There is no more input: yields what is left and finds the end. @throws {BadData} in the iteration. */
  finish(): Iterable<Uint8Array<ArrayBuffer>> | AsyncIterable<Uint8Array<ArrayBuffer>>;
  release(): void | Promise<void>;
}
