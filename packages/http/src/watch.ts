import type { Clock } from "@sluice/retry";
import type { Phase } from "./stalled-error.ts";
import type { ResolvedTimeouts } from "./timeouts.ts";

/** A timer longer than 2³¹ ms fires at once, in every runtime. */
const LONGEST_TIMER = 2e9;

/**
 * Watches that a request makes progress. The transport tells what happens; nothing is timed while it is the caller's
 * turn, whose source or whose reading may be slow.
 */
export class Watch {
  readonly #clock: Clock;
  readonly #timeouts: ResolvedTimeouts;
  readonly #stalled: (phase: Phase, timeout: number) => void;
  readonly #taken: (bytes: number) => void;
  #phase: Phase = "connect";
  #timeout = Number.POSITIVE_INFINITY;
  /** When what is waited for is overdue; Infinity while nothing is. */
  #deadline = Number.POSITIVE_INFINITY;
  /** A reply may begin before the body ends; from then on, it is what is watched. */
  #replied = false;
  #timer: unknown;
  /** When the timer fires; Infinity where there is none. */
  #due = Number.POSITIVE_INFINITY;

  /**
   * @param stalled Called when time is up.
   * @param taken Told of bytes of the body that have been taken.
   */
  constructor(
    clock: Clock,
    timeouts: ResolvedTimeouts,
    stalled: (phase: Phase, timeout: number) => void,
    taken: (bytes: number) => void,
  ) {
    this.#clock = clock;
    this.#timeouts = timeouts;
    this.#stalled = stalled;
    this.#taken = taken;
  }

  connecting(): void {
    this.#time("connect", this.#timeouts.connect);
  }

  connected(): void {
    this.idle();
  }

  /** A chunk of the body has been handed over. */
  handed(): void {
    if (!this.#replied) this.#time("send", this.#timeouts.stall);
  }

  /** What was handed over has been taken. */
  taken(bytes: number): void {
    if (!this.#replied) this.idle();
    if (bytes > 0) this.#taken(bytes);
  }

  /** The whole request has been sent. */
  sentAll(): void {
    if (!this.#replied) this.#time("headers", this.#timeouts.headers);
  }

  /** A chunk of the reply is waited for. */
  receiving(): void {
    this.#replied = true;
    this.#time("receive", this.#timeouts.stall);
  }

  /** Whatever comes next is the caller's to do. */
  idle(): void {
    this.#deadline = Number.POSITIVE_INFINITY;
  }

  /** Nothing is waited for, for long: no timer is left. */
  end(): void {
    this.idle();
    this.#clear();
  }

  #time(phase: Phase, timeout: number): void {
    const now = this.#clock.now();
    this.#phase = phase;
    this.#timeout = timeout;
    this.#deadline = now + timeout;
    // A timer that fires too early costs one look in all that time; to set one for every chunk costs more garbage than
    // sending it does.
    if (this.#due <= this.#deadline) return;
    this.#clear();
    this.#wait(timeout);
  }

  #wait(delay: number): void {
    const bounded = Math.min(delay, LONGEST_TIMER);
    this.#due = this.#clock.now() + bounded;
    this.#timer = this.#clock.setTimeout(() => {
      this.#due = Number.POSITIVE_INFINITY;
      this.#timer = undefined;
      if (this.#deadline === Number.POSITIVE_INFINITY) return;
      const left = this.#deadline - this.#clock.now();
      if (left > 0) this.#wait(left);
      else this.#stalled(this.#phase, this.#timeout);
    }, bounded);
  }

  #clear(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#due = Number.POSITIVE_INFINITY;
  }
}
