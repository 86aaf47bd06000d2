/** Tells how much of a body was taken, so that the sum of all it has told is that of the attempt in flight. */
export class SentCounter {
  readonly #listener: ((bytes: number) => void) | undefined;
  #sent = 0;

  constructor(listener: ((bytes: number) => void) | undefined) {
    this.#listener = listener;
  }

  add(bytes: number): void {
    this.#sent += bytes;
    this.#listener?.(bytes);
  }

  /** The body goes out again, from its beginning. */
  restart(): void {
    const sent = this.#sent;
    this.#sent = 0;
    if (sent > 0) this.#listener?.(-sent);
  }
}
