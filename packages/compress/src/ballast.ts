/** More times its input than files are; deflate can do 1032 times. */
const BOMB = 32;
/** Output over which the expansion is looked at: there are long runs of one byte in files, too. */
const WINDOW = 1 << 21;

/**
 * Keeps what a bomb's reader drops from gathering. V8 collects its young generation when it is full, where a typed array
 * counts as some 200 bytes, whatever its size: 38 MiB lay about. So output that hardly any input has brought is given some
 * weight there, an eighth of its size, and is collected every 9 MiB while that generation is as small as it begins, for 1
 * to 3 % of zlib's time on nothing but a bomb; a quarter took 20 %. Output of files is left alone: to collect more often
 * lets the young generation grow sooner, and then as much gathers as without.
 */
export class Ballast {
  #input = 0;
  #output = 0;
  #consumed = 0;

  /**
   * Looks at what came out.
   *
   * @param consumed How much of the input has been read by now.
   * @returns How many bytes were made up to give it weight.
   */
  add(output: Uint8Array, consumed: number): number {
    this.#output += output.length;
    this.#input += consumed - this.#consumed;
    this.#consumed = consumed;
    const slots = this.#output > BOMB * this.#input ? output.length >> 6 : 0;
    if (this.#output >= WINDOW) {
      this.#output /= 2;
      this.#input /= 2;
    }
    // Filled, because an array that nothing touches is optimized away, some hundred MiB later.
    if (slots > 0) new Array(slots).fill(0);
    return slots * 8;
  }
}
