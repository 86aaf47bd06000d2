import type { Concurrency } from "./concurrency.ts";
import { WaitingLine } from "./waiting-line.ts";

/** The places for parts in flight, as many as `concurrency` says at the moment. */
export class Slots {
  readonly concurrency: Concurrency;
  #taken = 0;
  readonly #line = new WaitingLine<void>(() => {
    if (this.#taken >= this.concurrency.limit) return false;
    this.#taken += 1;
    return true;
  });

  constructor(concurrency: Concurrency) {
    this.concurrency = concurrency;
  }

  take(signal: AbortSignal): Promise<void> {
    return this.#line.enter(undefined, signal);
  }

  give(): void {
    this.#taken -= 1;
    this.#line.move();
  }

  /** To be called when the limit may have risen. */
  changed(): void {
    this.#line.move();
  }
}
