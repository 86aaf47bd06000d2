import { MiB } from "./size.ts";
import { type Stamps, stampedBlock } from "./stamped-file.ts";

/** Checks pieces of a stamped file as they arrive, in any order and of any size. */
export class StampChecker {
  readonly #stamps: Stamps;
  /** Received ranges, as a map from where each begins to where it ends, neighbours merged. */
  readonly #ends = new Map<number, number>();
  readonly #starts = new Map<number, number>();
  #received = 0;

  constructor(stamps: Stamps) {
    this.#stamps = stamps;
  }

  /**
   * @param offset Where in the file the piece belongs.
   * @throws Error at the first byte that differs from the file's, naming its offset.
   */
  check(offset: number, bytes: Uint8Array): void {
    const { size } = this.#stamps;
    const end = offset + bytes.length;
    if (offset < 0 || end > size) throw new Error(`bytes ${offset} to ${end} lie outside the file of ${size}`);
    for (let block = offset - (offset % MiB); block < end; block += MiB) {
      const from = Math.max(offset, block);
      const to = Math.min(end, block + MiB);
      const received = bytes.subarray(from - offset, to - offset);
      const expected = stampedBlock(block, this.#stamps).subarray(from - block, to - block);
      if (Buffer.compare(received, expected) !== 0) {
        const at = received.findIndex((byte, index) => byte !== expected[index]);
        throw new Error(`byte ${from + at} of the file is ${received[at]}, expected ${expected[at]}`);
      }
    }
    this.#received += bytes.length;
    if (bytes.length > 0) this.#merge(offset, end);
  }

  /** @throws Error unless every byte of the file has been checked exactly once. */
  finish(): void {
    const { size } = this.#stamps;
    const whole = this.#ends.get(0) === size || size === 0;
    // A whole range and no byte too many: then no byte came twice either.
    if (!whole || this.#received !== size) {
      throw new Error(`received ${this.#received} bytes in ${this.#ends.size} ranges, expected ${size} in one`);
    }
  }

  #merge(offset: number, end: number): void {
    const start = this.#starts.get(offset) ?? offset;
    const stop = this.#ends.get(end) ?? end;
    this.#starts.delete(offset);
    this.#ends.delete(end);
    this.#ends.set(start, stop);
    this.#starts.set(stop, start);
  }
}
