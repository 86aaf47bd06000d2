interface Waiting {
  readonly amount: number;
  enter(): void;
}

/** Those who wait for something that runs short: first come, first served, so that nobody waits for ever. */
export class WaitingLine {
  readonly #admit: (amount: number) => boolean;
  readonly #line: Waiting[] = [];

  /** @param admit Takes the amount, where there is enough, and says whether it did. */
  constructor(admit: (amount: number) => boolean) {
    this.#admit = admit;
  }

  /** Resolves when the amount has been taken. @throws {AbortSignal["reason"]} when aborted before. */
  async enter(amount: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#line.length === 0 && this.#admit(amount)) return;
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.#line.splice(this.#line.indexOf(waiting), 1);
        reject(signal.reason);
        // The next one may need less.
        this.move();
      };
      const waiting = {
        amount,
        enter() {
          signal.removeEventListener("abort", leave);
          resolve();
        },
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#line.push(waiting);
    });
  }

  /** To be called when there is more: lets in as many as it is enough for, in their order. */
  move(): void {
    for (let first = this.#line[0]; first && this.#admit(first.amount); first = this.#line[0]) {
      this.#line.shift();
      first.enter();
    }
  }
}
