/** How often is looked, in real time: the emulator's clock can be moved, and tells nobody. */
const PERIOD = 10;

/** Waits for things that follow from the emulator's clock. */
export class Pulse {
  readonly #waiting = new Set<() => void>();
  readonly #closed = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  /** Aborted when the emulator closes. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Resolves when the condition holds, a signal is aborted, or the emulator is closed. */
  until(holds: () => boolean, ...signals: readonly AbortSignal[]): Promise<void> {
    const all = [this.#closed.signal, ...signals];
    return new Promise((resolve) => {
      const look = () => {
        if (!holds() && !all.some(({ aborted }) => aborted)) return;
        this.#waiting.delete(look);
        if (this.#waiting.size === 0) clearInterval(this.#timer);
        resolve();
      };
      if (this.#waiting.size === 0) {
        this.#timer = setInterval(() => {
          for (const each of [...this.#waiting]) each();
        }, PERIOD).unref();
      }
      this.#waiting.add(look);
      look();
    });
  }

  close(): void {
    this.#closed.abort();
    for (const each of [...this.#waiting]) each();
  }
}
