import type { ByteSource } from "@sluice/source";
import type { Feed, Piece } from "./feed.ts";
import { BLOCK_SIZE, type Memory } from "./memory.ts";

/** A source that can be read once as one part, for a target that takes one: it is streamed, and never held. */
export class WholeFeed implements Feed {
  readonly parts = 1;
  readonly #source: ByteSource;
  readonly #memory: Memory;
  #given = false;

  constructor(source: ByteSource, memory: Memory) {
    this.#source = source;
    this.#memory = memory;
  }

  get size(): number | undefined {
    return this.#source.size;
  }

  async next(signal: AbortSignal): Promise<Piece | undefined> {
    if (this.#given) return undefined;
    this.#given = true;
    const reservation = await this.#memory.reserve(Math.min(BLOCK_SIZE, this.#memory.limit), signal);
    this.#memory.holdElsewhere(BLOCK_SIZE);
    return {
      index: 0,
      offset: 0,
      size: this.#source.size,
      body: this.#source,
      held: false,
      release: () => reservation.release(),
    };
  }

  async close(): Promise<void> {}
}
