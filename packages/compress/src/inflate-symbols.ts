import {
  DISTANCE_BITS,
  END_OF_BLOCK,
  type HuffmanTable,
  INVALID,
  LENGTH_BITS,
  POINTER,
  SPECIAL,
} from "./huffman-table.ts";
import { BadData } from "./malformed-data.ts";

/** Where decoding stands. Shared by the loop below and by the state machine that takes over near the ends of buffers. */
export interface InflateState {
  input: Uint8Array;
  /** Next byte of the input. */
  at: number;
  /** Bits read and not used yet, the next one lowest; zeros above `bits`. */
  hold: number;
  bits: number;
  /** What came out, after the history that matches may refer to. */
  readonly window: Uint8Array<ArrayBuffer>;
  /** Where the next byte comes out. */
  end: number;
  /** Where the history begins. */
  begin: number;
  lengths: HuffmanTable;
  distances: HuffmanTable;
}

/** Longest match of deflate. */
export const LONGEST_MATCH = 258;
/** Copies are done in steps of 4 bytes, and may write 3 too many, which the next ones overwrite. */
export const OVERSHOOT = 3;
export const NO_LENGTH = "there is no such literal or length";
export const NO_DISTANCE = "there is no such distance";
export const TOO_FAR = "a distance goes back too far";

/** More input than one turn of the loop can read: four times 4 bytes. */
const TURN = 16;

const LENGTH_MASK = (1 << LENGTH_BITS) - 1;
const DISTANCE_MASK = (1 << DISTANCE_BITS) - 1;

/**
 * Decodes symbols while there is input for a whole turn and room for the longest match, without a check of either inside.
 *
 * Bits are taken in as many at a time as an int32 has room for: four bytes are loaded, and `at` moves over those that
 * fit whole. What lies above `bits` is then the data's next bits already, and loading them again changes nothing.
 *
 * @param limit Where output must stop.
 * @returns Whether the block ended.
 */
export function inflateSymbols(state: InflateState, limit: number): boolean {
  const { input, window, begin } = state;
  const lengths = state.lengths.entries;
  const distances = state.distances.entries;
  const last = input.length - TURN;
  let { at, hold, bits, end } = state;
  let ended = false;
  let problem = "";

  while (at <= last && end < limit) {
    hold |= load(input, at) << bits;
    at += (31 - bits) >> 3;
    bits |= 24;

    let entry = lengths[hold & LENGTH_MASK] as number;
    if (entry < 0) {
      hold >>>= entry & 31;
      bits -= entry & 31;
      window[end++] = entry >>> 16;
      // At least 14 bits are left, and the first table needs 10.
      entry = lengths[hold & LENGTH_MASK] as number;
      if (entry < 0) {
        hold >>>= entry & 31;
        bits -= entry & 31;
        window[end++] = entry >>> 16;
        continue;
      }
      hold |= load(input, at) << bits;
      at += (31 - bits) >> 3;
      bits |= 24;
    }
    if (entry & SPECIAL) {
      if (entry & POINTER) {
        entry = lengths[(entry >>> 16) + ((hold >>> LENGTH_BITS) & ((1 << (entry & 31)) - 1))] as number;
        if (entry < 0) {
          hold >>>= entry & 31;
          bits -= entry & 31;
          window[end++] = entry >>> 16;
          continue;
        }
      }
      if (entry & END_OF_BLOCK) {
        hold >>>= entry & 31;
        bits -= entry & 31;
        ended = true;
        break;
      }
      if (entry & INVALID) {
        problem = NO_LENGTH;
        break;
      }
    }
    let used = (entry >>> 5) & 31;
    const length = (entry >>> 16) + ((hold & ((1 << used) - 1)) >>> (entry & 31));
    hold >>>= used;
    bits -= used;

    hold |= load(input, at) << bits;
    at += (31 - bits) >> 3;
    bits |= 24;
    entry = distances[hold & DISTANCE_MASK] as number;
    if (entry & SPECIAL) {
      if (entry & POINTER) {
        entry = distances[(entry >>> 16) + ((hold >>> DISTANCE_BITS) & ((1 << (entry & 31)) - 1))] as number;
      }
      if (entry & INVALID) {
        problem = NO_DISTANCE;
        break;
      }
    }
    hold >>>= entry & 31;
    bits -= entry & 31;
    used = ((entry >>> 5) & 31) - (entry & 31);
    if (bits < used) {
      hold |= load(input, at) << bits;
      at += (31 - bits) >> 3;
      bits |= 24;
    }
    const distance = (entry >>> 16) + (hold & ((1 << used) - 1));
    hold >>>= used;
    bits -= used;

    if (distance > end - begin) {
      problem = TOO_FAR;
      break;
    }
    copyMatch(window, end, distance, length);
    end += length;
  }

  // Whole bytes are given back, so that between two calls nothing is held that came with an earlier input.
  state.at = at - (bits >> 3);
  state.bits = bits & 7;
  state.hold = hold & ((1 << state.bits) - 1);
  state.end = end;
  if (problem) throw new BadData("malformed-data", problem);
  return ended;
}

function load(input: Uint8Array, at: number): number {
  return (
    (input[at] as number) |
    ((input[at + 1] as number) << 8) |
    ((input[at + 2] as number) << 16) |
    ((input[at + 3] as number) << 24)
  );
}

/** Repeats what came out `distance` bytes before. Needs `OVERSHOOT` bytes of room behind. */
export function copyMatch(window: Uint8Array, end: number, distance: number, length: number): void {
  if (distance === 1) {
    window.fill(window[end - 1] as number, end, end + length);
    return;
  }
  let from = end - distance;
  const stop = end + length;
  // Byte by byte in order: where the distance is shorter than the step, the first bytes of a step are its later ones' source.
  for (let to = end; to < stop; to += 4, from += 4) {
    window[to] = window[from] as number;
    window[to + 1] = window[from + 1] as number;
    window[to + 2] = window[from + 2] as number;
    window[to + 3] = window[from + 3] as number;
  }
}
