/** Below this, what a portion costs by itself would count. */
const SMALLEST = 512;

/**
 * How much input an engine is given at a time, so that no more comes out than may wait: first a little, then four times as
 * much as long as that came to less. A bomb, of which nothing can be learnt from what came before it, is met with the
 * largest portion once.
 */
export class Portion {
  /** Bytes to give next. */
  size: number = SMALLEST;
  readonly #largest: number;
  readonly #output: number;

  /**
   * @param largest Bytes of input, at most.
   * @param output Bytes of output that are wanted of a portion, at most.
   */
  constructor(largest: number, output: number) {
    this.#largest = largest;
    this.#output = output;
  }

  /** Learns from what so much input came to. */
  came(output: number, input: number): void {
    const fitting = Math.floor((this.#output * input) / Math.max(output, 1));
    this.size = Math.max(SMALLEST, Math.min(fitting, 4 * this.size, this.#largest));
  }
}
