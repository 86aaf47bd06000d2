import type { HuffmanTable } from "./huffman-table.ts";
import type { InflateState } from "./inflate-symbols.ts";

/** Runs up to where it lacks input or room, and goes on from there when it is asked to. */
export type Steps<Result = void> = Generator<undefined, Result, undefined>;

/** Takes bits from the input of a state, never more bytes than it needs, and waits for what has not come yet. */
export class BitReader {
  readonly #state: InflateState;

  constructor(state: InflateState) {
    this.#state = state;
  }

  /** Waits until so many bits, 16 at most, can be taken. */
  *need(bits: number): Steps {
    const state = this.#state;
    while (state.bits < bits) {
      while (state.at === state.input.length) yield;
      state.hold |= (state.input[state.at] as number) << state.bits;
      state.at += 1;
      state.bits += 8;
    }
  }

  take(bits: number): number {
    const state = this.#state;
    const value = state.hold & ((1 << bits) - 1);
    state.hold >>>= bits;
    state.bits -= bits;
    return value;
  }

  /** The entry of the next code, which stays to be taken; no more bits are needed for it than it has. */
  *find(table: HuffmanTable): Steps<number> {
    const state = this.#state;
    while (true) {
      const entry = table.find(state.hold);
      if ((entry & 31) <= state.bits) return entry;
      yield* this.need(state.bits + 1);
    }
  }

  /** What an entry stands for, with the extra bits after its code. */
  *value(entry: number): Steps<number> {
    const extra = ((entry >>> 5) & 31) - (entry & 31);
    yield* this.need(extra);
    return (entry >>> 16) + this.take(extra);
  }
}
