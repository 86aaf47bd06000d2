import { type Clock, startTimer, systemClock } from "@sluice/retry";

/** Milliseconds' worth of bytes that may go at once. */
const BURST = 100;

interface Waiting {
  readonly bytes: number;
  /** Nobody saves up for before they came. */
  readonly since: number;
  readonly go: () => void;
}

/**
 * A token bucket on bytes handed over, shared by all connections, and the switch that holds them all.
 *
 * Who has read `n` bytes takes `n`, and hands them over when the promise resolves. Any number goes through: the wait is
 * what they are worth. They go in the order in which they came. Within a window, no more goes than the rate allows in
 * it, a tenth of a second's worth and what was waiting when it began.
 */
export class Throttle {
  readonly #clock: Clock;
  /** Bytes a millisecond. */
  readonly #rate: number;
  readonly #queue: Waiting[] = [];
  /** When the bytes that went are worked off. */
  #level = -Infinity;
  #paused = false;
  #callOff: (() => void) | undefined;

  /** @param bytesPerSecond `Infinity` for pausing alone. */
  constructor(bytesPerSecond: number, clock: Clock) {
    this.#rate = bytesPerSecond / 1000;
    this.#clock = clock;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Holds everything that has not gone yet. */
  pause(): void {
    this.#paused = true;
    this.#clear();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    // The pause is nothing to be made up for.
    this.#level = Math.max(this.#level, this.#clock.now());
    this.#serve();
  }

  /**
   * Resolves when so many bytes may be handed over.
   *
   * @throws {AbortSignal["reason"]} as soon as aborted; the bytes then do not count.
   */
  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#rate === Infinity && !this.#paused) return;
    let giveUp: (() => void) | undefined;
    try {
      await new Promise<void>((go, reject) => {
        const waiting: Waiting = { bytes, since: this.#clock.now(), go };
        giveUp = () => {
          const index = this.#queue.indexOf(waiting);
          // Those that may go have gone: they count.
          if (index < 0) return;
          this.#queue.splice(index, 1);
          this.#clear();
          this.#serve();
          reject(signal?.reason);
        };
        this.#queue.push(waiting);
        if (!this.#callOff) this.#serve();
        signal?.addEventListener("abort", giveUp);
      });
    } finally {
      if (giveUp) signal?.removeEventListener("abort", giveUp);
    }
  }

  /** Lets go who may, and sees to it that the next one may in time. */
  #serve(): void {
    while (!this.#paused) {
      const [first] = this.#queue;
      if (!first) return;
      const level = Math.max(this.#level, first.since) + first.bytes / this.#rate;
      const wait = level - BURST - this.#clock.now();
      if (wait > 0) {
        this.#callOff = startTimer(this.#clock, wait, () => {
          this.#callOff = undefined;
          this.#serve();
        });
        return;
      }
      this.#level = level;
      this.#queue.shift();
      first.go();
    }
  }

  #clear(): void {
    this.#callOff?.();
    this.#callOff = undefined;
  }
}

/**
 * Makes a throttle to be shared by several uploads, to pause them and to resume them: `upload(a, target, { bandwidth })`.
 *
 * @param bytesPerSecond Of all of them together; `Infinity` for no limit.
 * @throws {TypeError | RangeError} unless that is a positive number.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createThrottle } from "@sluice/uploader";
 *
 * const bandwidth = createThrottle(2_000_000);
 * bandwidth.pause();
 * assert.ok(bandwidth.paused);
 * bandwidth.resume();
 * ```
 */
export function createThrottle(bytesPerSecond: number, options: { readonly clock?: Clock | undefined } = {}): Throttle {
  const ofKind = typeof bytesPerSecond === "number";
  if (!ofKind || !(bytesPerSecond > 0)) {
    throw new (ofKind ? RangeError : TypeError)(
      `Cannot create a throttle: "bytesPerSecond" must be a positive number or Infinity, received ${ofKind ? bytesPerSecond : typeof bytesPerSecond}`,
    );
  }
  return new Throttle(bytesPerSecond, options.clock ?? systemClock);
}
