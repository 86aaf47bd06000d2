/** Samples before any is relied on. */
const ENOUGH = 4;
/** Bytes a millisecond: slower than 16 KiB/s nothing is expected to be, before it is known. */
const FLOOR = 16.384;
/** What a request costs besides its bytes, in bytes: so that what the smallest parts took says little about the others. */
const OVERHEAD = 2 ** 18;
/** How many times the expected time an attempt gets, and how many times the usual deviation on top. */
const MARGIN = 4;
/** A deadline that trips was wrong by a factor that nobody knows: so three retries span 64 times. */
const WIDER = 4;

/**
 * How long an attempt may take where its bytes cannot be seen to move, learnt from the parts before it: four times the
 * expected time and four times the deviation, as TCP times its retransmissions, never below `stallTimeout`. A deadline
 * that trips widens the next ones, so that a network which has become slower is found to be slow, not dead.
 */
export class LearntDeadline {
  readonly #least: number;
  /** Milliseconds a byte, and how much they differ. */
  #mean = 0;
  #deviation = 0;
  #samples = 0;
  #factor = 1;

  constructor(stallTimeout: number) {
    this.#least = stallTimeout;
  }

  /** Milliseconds for an attempt to send so many bytes. */
  of(bytes: number): number {
    const known = this.#samples >= ENOUGH;
    const learnt = MARGIN * (bytes + OVERHEAD) * (this.#mean + this.#deviation);
    return this.#factor * (known ? Math.max(this.#least, learnt) : this.#least + bytes / FLOOR);
  }

  /** A part was confirmed; pauses do not belong to the time it took. */
  learn(bytes: number, duration: number): void {
    const sample = duration / (bytes + OVERHEAD);
    const error = sample - this.#mean;
    this.#samples += 1;
    // The first ones count in full.
    this.#mean += error / Math.min(this.#samples, 8);
    if (this.#samples > 1) this.#deviation += (Math.abs(error) - this.#deviation) / Math.min(this.#samples, 4);
    if (this.#samples >= ENOUGH) this.#factor = Math.max(1, this.#factor / 2);
  }

  /** The deadline of an attempt to send so many bytes tripped. Many that trip at once widen it once. */
  missed(bytes: number, deadline: number): void {
    const now = this.of(bytes);
    if (now < deadline * WIDER) this.#factor *= (deadline * WIDER) / now;
  }
}
