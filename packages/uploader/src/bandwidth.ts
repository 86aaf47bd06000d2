import { type Clock, expectOptions, startTimer, systemClock } from "@sluice/retry";
import { WaitingLine } from "./waiting-line.ts";

/** Milliseconds' worth of bytes that may go at once. */
const BURST = 100;

interface Load {
  readonly bytes: number;
  /** Nobody saves up for before they came. */
  readonly since: number;
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
  readonly #line = new WaitingLine<Load>(
    (load) => this.#admit(load),
    () => this.#callOff(),
  );
  /** When the bytes that went are worked off. */
  #level = -Infinity;
  #paused = false;
  #callOff = (): void => {};

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
    this.#callOff();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    // The pause is nothing to be made up for.
    this.#level = Math.max(this.#level, this.#clock.now());
    this.#line.move();
  }

  /**
   * Resolves when so many bytes may be handed over.
   *
   * @throws {AbortSignal["reason"]} as soon as aborted; the bytes then do not count.
   */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    await this.#line.enter({ bytes, since: this.#clock.now() }, signal);
  }

  /** Lets a load go if it may, else sees to it that it may in time. */
  #admit({ bytes, since }: Load): boolean {
    if (this.#paused) return false;
    const level = Math.max(this.#level, since) + bytes / this.#rate;
    const wait = level - BURST - this.#clock.now();
    this.#callOff();
    if (wait > 0) this.#callOff = startTimer(this.#clock, wait, () => this.#line.move());
    else this.#level = level;
    return wait <= 0;
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
  expectOptions("create a throttle", { bytesPerSecond }, { bytesPerSecond: "positive" }, true);
  return new Throttle(bytesPerSecond, options.clock ?? systemClock);
}
