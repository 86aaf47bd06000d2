/**
 * Decoding tables of deflate's Huffman codes (RFC 1951, 3.2.2).
 *
 * A table is indexed with the next bits of the data. An entry is an int32:
 *   bits 0–4    length of the code
 *   bits 5–9    length of the code and of the extra bits after it
 *   bit 13      no code of the set, or a symbol that must not occur; bits 0–4 tell how many bits that takes to know
 *   bit 14      end of block
 *   bit 15      pointer to a second table: bits 0–4 its index bits, bits 16–30 where it begins
 *   bits 16–30  base of the length or of the distance, or the literal
 *   bit 31      literal
 * so that `entry < 0` asks for a literal, and `entry & SPECIAL` for whatever is neither that nor a length or distance.
 */
export const INVALID: number = 1 << 13;
export const END_OF_BLOCK: number = 1 << 14;
export const POINTER: number = 1 << 15;
export const SPECIAL: number = INVALID | END_OF_BLOCK | POINTER;
const LITERAL = 1 << 31;

/** Index bits of the first tables: most codes are found at once, and a table is still cheap to build for every block. */
export const LENGTH_BITS = 10;
export const DISTANCE_BITS = 8;
/** Room for the first table and the worst set of second ones, as zlib's `enough.c` computes it, and some. */
const LENGTH_ROOM = 1536;
const DISTANCE_ROOM = 512;
const LONGEST_CODE = 15;

/** What the symbols of one alphabet mean: their entries, but for the length of the code. */
type Meaning = Int32Array;

const literalsAndLengths: Meaning = new Int32Array(288).fill(INVALID);
for (let symbol = 0; symbol < 256; symbol += 1) literalsAndLengths[symbol] = LITERAL | (symbol << 16);
literalsAndLengths[256] = END_OF_BLOCK;
for (let symbol = 257, base = 3; symbol < 285; symbol += 1) {
  const extra = symbol < 265 ? 0 : (symbol - 261) >> 2;
  literalsAndLengths[symbol] = (base << 16) | (extra << 5);
  base += 1 << extra;
}
// 258 has a code of its own, though 284 and five extra bits could say it, too.
literalsAndLengths[285] = 258 << 16;

const distances: Meaning = new Int32Array(32).fill(INVALID);
for (let symbol = 0, base = 1; symbol < 30; symbol += 1) {
  const extra = symbol < 4 ? 0 : (symbol - 2) >> 1;
  distances[symbol] = (base << 16) | (extra << 5);
  base += 1 << extra;
}

const codeLengths: Meaning = Int32Array.from({ length: 19 }, (_, symbol) => symbol << 16);

/** The table of the code that describes the other two; its codes have 7 bits at most. */
export const codeLengthTable = (): HuffmanTable => new HuffmanTable(codeLengths, 7, 128);
export const lengthTable = (): HuffmanTable => new HuffmanTable(literalsAndLengths, LENGTH_BITS, LENGTH_ROOM);
export const distanceTable = (): HuffmanTable => new HuffmanTable(distances, DISTANCE_BITS, DISTANCE_ROOM);

/** One decoding table, whose memory is used again for every block. */
export class HuffmanTable {
  readonly entries: Int32Array;
  readonly #meaning: Meaning;
  readonly #indexBits: number;
  readonly #count = new Uint16Array(LONGEST_CODE + 1);
  readonly #next = new Uint16Array(LONGEST_CODE + 2);
  readonly #sorted = new Uint16Array(288);

  constructor(meaning: Meaning, indexBits: number, room: number) {
    this.entries = new Int32Array(room);
    this.#meaning = meaning;
    this.#indexBits = indexBits;
  }

  /**
   * Builds the table of the canonical code with these lengths, 0 for symbols that do not occur.
   * @param sparse Whether a single code of one bit will do, or none at all: what encoders write for blocks without matches.
   * @returns Whether there is such a code, with no more codes than fit and no fewer.
   */
  build(lengths: Uint8Array, sparse: boolean): boolean {
    const { entries } = this;
    const indexBits = this.#indexBits;
    const count = this.#count.fill(0);
    for (let symbol = 0; symbol < lengths.length; symbol += 1) (count[lengths[symbol] as number] as number) += 1;
    const used = lengths.length - (count[0] as number);
    let left = 1;
    let longest = 0;
    const next = this.#next;
    next[1] = 0;
    for (let length = 1; length <= LONGEST_CODE; length += 1) {
      const here = count[length] as number;
      if (here > 0) longest = length;
      left = left * 2 - here;
      if (left < 0) return false;
      next[length + 1] = (next[length] as number) + here;
    }
    if (left > 0 && (longest > 1 || !sparse)) return false;
    if (left > 0) entries.fill(INVALID | 1, 0, 1 << indexBits);
    const sorted = this.#sorted;
    for (let symbol = 0; symbol < lengths.length; symbol += 1) {
      const length = lengths[symbol] as number;
      if (length > 0) sorted[(next[length] as number)++] = symbol;
    }
    this.#fill(sorted, lengths, used, longest);
    return true;
  }

  /** The entry of the code that `bits` begin with, the first bit lowest. */
  find(bits: number): number {
    const entry = this.entries[bits & ((1 << this.#indexBits) - 1)] as number;
    if (entry < 0 || !(entry & POINTER)) return entry;
    return this.entries[(entry >>> 16) + ((bits >>> this.#indexBits) & ((1 << (entry & 31)) - 1))] as number;
  }

  #fill(sorted: Uint16Array, lengths: Uint8Array, used: number, longest: number): void {
    const { entries } = this;
    const meaning = this.#meaning;
    const count = this.#count;
    const indexBits = this.#indexBits;
    // Codes are counted in reverse, from their first bit at the lower end, as they lie in the data.
    let code = 0;
    let start = 0;
    let size = 1 << indexBits;
    let drop = 0;
    let prefix = -1;
    for (let index = 0; index < used; index += 1) {
      const symbol = sorted[index] as number;
      const length = lengths[symbol] as number;
      if (length > indexBits && (code & ((1 << indexBits) - 1)) !== prefix) {
        // The first code with this prefix: its second table must hold the longest ones that share it.
        prefix = code & ((1 << indexBits) - 1);
        start += size;
        drop = indexBits;
        let bits = length - drop;
        let room = 1 << bits;
        while (bits + drop < longest) {
          room -= count[bits + drop] as number;
          if (room <= 0) break;
          bits += 1;
          room *= 2;
        }
        size = 1 << bits;
        entries[prefix] = POINTER | (start << 16) | bits;
      }
      const symbolMeaning = meaning[symbol] as number;
      const entry = symbolMeaning + length + (symbolMeaning < 0 ? 0 : length << 5);
      for (let slot = code >>> drop; slot < size; slot += 1 << (length - drop)) entries[start + slot] = entry;
      (count[length] as number) -= 1;
      // The next code in canonical order, which counts from the other end.
      let bit = 1 << (length - 1);
      while (code & bit) bit >>>= 1;
      code = bit === 0 ? 0 : (code & (bit - 1)) | bit;
    }
  }
}
