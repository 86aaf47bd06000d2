/** More times its input than files are; deflate can do 1032 times. */
const BOMB = 32;
/** Output over which the expansion is looked at: there are long runs of one byte in files, too. */
const WINDOW = 1 << 21;
/** What lies in the young generation for each piece of output anyway: 2.4 to 5 KB were measured, by engine. */
const PIECE = 4_096;

/**
 * Keeps what a bomb's reader drops from gathering. V8 collects its young generation when it is full, where a typed array
 * counts as some 200 bytes, whatever its size: 38 MiB lay about. So output that hardly any input has brought is given some
 * weight there, half of its size with what a piece weighs by itself, and is collected every 3 MiB while that generation is
 * as small as programs begin with. That leaves room for what else grows once: V8's compilers use 10 MiB within the first
 * GiB, 6 of them pages of their own code. Output of files is left alone: each collection lets the young generation grow
 * sooner, by what was in use at the time, and then as much gathers as without.
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
    const weight = this.#output > BOMB * this.#input ? output.length / 2 - PIECE : 0;
    if (this.#output >= WINDOW) {
      this.#output /= 2;
      this.#input /= 2;
    }
    if (weight < 8) return 0;
    // Filled, because an array that nothing touches is optimized away, some hundred MiB later.
    new Array(weight >> 3).fill(0);
    return weight;
  }
}
