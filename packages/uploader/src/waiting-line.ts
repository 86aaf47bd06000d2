interface Waiting<Want> {
  readonly want: Want;
  enter(): void;
}

/** Those who wait for something that runs short: first come, first served, so that nobody waits for ever. */
export class WaitingLine<Want> {
  readonly #admit: (want: Want) => boolean;
  readonly #onEmpty: () => void;
  readonly #line: Waiting<Want>[] = [];

  /**
   * @param admit Takes what the first one wants, where there is enough, and says whether it did.
   * @param onEmpty Called when nobody waits any more.
   */
  constructor(admit: (want: Want) => boolean, onEmpty: () => void = () => {}) {
    this.#admit = admit;
    this.#onEmpty = onEmpty;
  }

  /** Resolves when what is wanted has been taken. @throws {AbortSignal["reason"]} when aborted before. */
  async enter(want: Want, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#line.length === 0 && this.#admit(want)) return;
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.#line.splice(this.#line.indexOf(waiting), 1);
        reject(signal.reason);
        // The next one may need less.
        this.move();
      };
      const waiting = {
        want,
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
    for (let [first] = this.#line; first; [first] = this.#line) {
      if (!this.#admit(first.want)) return;
      this.#line.shift();
      first.enter();
    }
    this.#onEmpty();
  }
}
