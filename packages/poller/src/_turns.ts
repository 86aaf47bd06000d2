import type { Clock } from "@sluice/retry";
import { sleepUntil } from "./_sleep-until.ts";

/** How far reads may fall behind their even spacing and still catch up: a timer that is late must not cost rate. */
const CATCH_UP = 20;

/** Gives one's turn back. */
export type Leave = () => void;

/** Who may talk to the server: first due, first served; so many a second, so many at once. */
export class Turns {
  readonly #clock: Clock;
  readonly #spacing: number;
  /** Those who are due. */
  readonly #waiting = new Set<(leave?: Leave) => void>();
  #free: number;
  #next = -Infinity;
  #timer: unknown;

  constructor(clock: Clock, rate: number, concurrency: number) {
    this.#clock = clock;
    this.#spacing = 1000 / rate;
    this.#free = concurrency;
  }

  /**
   * Calls `go` once: when it is due and its turn, with what gives that back; without, if `until` comes first. The function
   * it returns calls that off.
   */
  wait(due: number, until: number, go: (leave?: Leave) => void): () => void {
    let leaveQueue = (): void => {};
    const end = (leave?: Leave): void => {
      leaveQueue();
      go(leave);
    };
    const wake = sleepUntil(this.#clock, Math.min(due, until), () => {
      if (until <= this.#clock.now()) return go();
      const giveUp = sleepUntil(this.#clock, until, end);
      leaveQueue = () => {
        giveUp();
        if (this.#waiting.delete(end)) this.#serve();
      };
      this.#waiting.add(end);
      this.#serve();
    });
    return () => {
      wake();
      leaveQueue();
    };
  }

  /** Does `work` when it is its turn; never, and without settling, if the signal is aborted before. */
  async take<T>(signal: AbortSignal, work: () => T): Promise<Awaited<T>> {
    const leave = await new Promise<Leave | undefined>((resolve) => {
      signal.addEventListener("abort", this.wait(0, Infinity, resolve));
    });
    try {
      return await work();
    } finally {
      leave?.();
    }
  }

  #serve(): void {
    const now = this.#clock.now();
    this.#clock.clearTimeout(this.#timer);
    for (const begin of this.#waiting) {
      if (!this.#free) return;
      if (this.#next > now) {
        this.#timer = this.#clock.setTimeout(() => this.#serve(), this.#next - now);
        return;
      }
      this.#waiting.delete(begin);
      this.#free -= 1;
      this.#next = Math.max(this.#next, now - CATCH_UP) + this.#spacing;
      begin(() => {
        this.#free += 1;
        this.#serve();
      });
    }
  }
}
