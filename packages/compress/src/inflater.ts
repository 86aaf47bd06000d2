import { BitReader, type Steps } from "./bit-reader.ts";
import { codeLengthTable, distanceTable, END_OF_BLOCK, INVALID, lengthTable } from "./huffman-table.ts";
import {
  copyMatch,
  type InflateState,
  inflateSymbols,
  LONGEST_MATCH,
  NO_DISTANCE,
  NO_LENGTH,
  OVERSHOOT,
  TOO_FAR,
} from "./inflate-symbols.ts";
import { BadData } from "./malformed-data.ts";
import type { RawInflater } from "./raw-inflater.ts";

/** How far back a match may reach. */
const HISTORY = 32_768;
/** Where output stops, to be handed out. The longest match may still follow. */
const LIMIT = HISTORY + 32_768;
/** The order in which the lengths of the code length code are sent (RFC 1951, 3.2.7). */
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] as const;

const bad = (problem: string) => new BadData("malformed-data", problem);

type Tables = Pick<InflateState, "lengths" | "distances">;

let fixed: Tables | undefined;

/** The tables of the code that needs no description (RFC 1951, 3.2.6), made at first use. */
function fixedTables(): Tables {
  if (fixed) return fixed;
  fixed = { lengths: lengthTable(), distances: distanceTable() };
  fixed.lengths.build(new Uint8Array(288).fill(8).fill(9, 144, 256).fill(7, 256, 280), false);
  fixed.distances.build(new Uint8Array(32).fill(5), false);
  return fixed;
}

/**
 * Inflates raw deflate data (RFC 1951), as strict as zlib. Output comes 32 KiB at a time: what a few bytes expand to waits
 * inside, as the place in the data that was reached, until it is asked for.
 */
export class Inflater implements RawInflater {
  #done = false;
  /** Bytes of all inputs before the last one. */
  #before = 0;
  readonly #state: InflateState;
  readonly #tables: Tables = { lengths: lengthTable(), distances: distanceTable() };
  readonly #bits: BitReader;
  readonly #steps: Steps;
  /** Up to where output has been handed out. */
  #handedOut = HISTORY;

  /** @param dictionary What matches may refer to before the first byte. */
  constructor(dictionary: Uint8Array = new Uint8Array(0)) {
    const history = dictionary.subarray(-HISTORY);
    const begin = HISTORY - history.length;
    const window = new Uint8Array(LIMIT + LONGEST_MATCH + OVERSHOOT);
    window.set(history, begin);
    this.#state = { input: history, at: 0, hold: 0, bits: 0, window, end: HISTORY, begin, ...this.#tables };
    this.#bits = new BitReader(this.#state);
    this.#steps = this.#inflate();
  }

  get rest(): Uint8Array | undefined {
    return this.#done ? this.#state.input.subarray(this.#state.at) : undefined;
  }

  get consumed(): number {
    return this.#before + this.#state.at;
  }

  *push(input: Uint8Array): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
    const state = this.#state;
    this.#before += state.at;
    state.input = input;
    state.at = 0;
    while (true) {
      this.#done = this.#steps.next().done === true;
      const full = state.end >= LIMIT;
      if (state.end > this.#handedOut) yield state.window.slice(this.#handedOut, state.end);
      this.#handedOut = state.end;
      if (!full) return;
      const shift = state.end - HISTORY;
      state.window.copyWithin(0, shift, state.end);
      state.begin = Math.max(0, state.begin - shift);
      state.end = this.#handedOut = HISTORY;
    }
  }

  finish(): Iterable<Uint8Array<ArrayBuffer>> {
    if (!this.#done) throw new BadData("truncated-data", "the input ends before the data does");
    return [];
  }

  release(): void {
    this.#steps.return();
  }

  *#inflate(): Steps {
    const state = this.#state;
    let final = false;
    while (!final) {
      yield* this.#bits.need(3);
      final = this.#bits.take(1) === 1;
      const type = this.#bits.take(2);
      if (type === 3) throw bad("a block is of no known type");
      if (type === 0) yield* this.#stored();
      else {
        if (type === 1) Object.assign(state, fixedTables());
        else yield* this.#readTables();
        yield* this.#symbols();
      }
    }
  }

  *#stored(): Steps {
    const state = this.#state;
    this.#bits.take(state.bits & 7);
    yield* this.#bits.need(16);
    let size = this.#bits.take(16);
    yield* this.#bits.need(16);
    if (this.#bits.take(16) !== (size ^ 0xffff)) throw bad("the size of a stored block contradicts its complement");
    while (size > 0) {
      const here = Math.min(size, state.input.length - state.at, LIMIT - state.end);
      if (here === 0) yield;
      state.window.set(state.input.subarray(state.at, state.at + here), state.end);
      state.at += here;
      state.end += here;
      size -= here;
    }
  }

  *#readTables(): Steps {
    yield* this.#bits.need(14);
    const literals = this.#bits.take(5) + 257;
    const total = literals + this.#bits.take(5) + 1;
    const count = this.#bits.take(4) + 4;
    if (literals > 286 || total - literals > 30) throw bad("a block has too many codes");

    const lengths = new Uint8Array(total);
    for (let index = 0; index < count; index += 1) {
      yield* this.#bits.need(3);
      lengths[LENGTH_ORDER[index] as number] = this.#bits.take(3);
    }
    const codeLengths = codeLengthTable();
    if (!codeLengths.build(lengths.subarray(0, 19), false)) throw bad("the codes of code lengths are invalid");

    lengths.fill(0);
    for (let index = 0; index < total; ) {
      const entry = yield* this.#bits.find(codeLengths);
      const symbol = entry >>> 16;
      this.#bits.take(entry & 31);
      if (symbol < 16) {
        lengths[index] = symbol;
        index += 1;
        continue;
      }
      const bits = symbol === 16 ? 2 : symbol === 17 ? 3 : 7;
      yield* this.#bits.need(bits);
      const stop = index + (symbol === 18 ? 11 : 3) + this.#bits.take(bits);
      if (stop > total || (symbol === 16 && index === 0)) throw bad("a repeated code length goes too far");
      if (symbol === 16) lengths.fill(lengths[index - 1] as number, index, stop);
      index = stop;
    }
    if (lengths[256] === 0) throw bad("a block has no code for its end");
    if (!this.#tables.lengths.build(lengths.subarray(0, literals), true)) {
      throw bad("the codes of literals and lengths are invalid");
    }
    if (!this.#tables.distances.build(lengths.subarray(literals), true)) {
      throw bad("the codes of distances are invalid");
    }
    Object.assign(this.#state, this.#tables);
  }

  *#symbols(): Steps {
    const state = this.#state;
    while (!inflateSymbols(state, LIMIT)) {
      // Near the end of the input: one symbol, with a look at what is there before each bit.
      while (state.end >= LIMIT) yield;
      const entry = yield* this.#bits.find(state.lengths);
      this.#bits.take(entry & 31);
      if (entry < 0) {
        state.window[state.end] = entry >>> 16;
        state.end += 1;
        continue;
      }
      if (entry & END_OF_BLOCK) return;
      if (entry & INVALID) throw bad(NO_LENGTH);
      const length = yield* this.#bits.value(entry);
      const code = yield* this.#bits.find(state.distances);
      this.#bits.take(code & 31);
      if (code & INVALID) throw bad(NO_DISTANCE);
      const distance = yield* this.#bits.value(code);
      if (distance > state.end - state.begin) throw bad(TOO_FAR);
      copyMatch(state.window, state.end, distance, length);
      state.end += length;
    }
  }
}
