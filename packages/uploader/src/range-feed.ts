import type { ByteSource } from "@sluice/source";
import type { Feed, Piece } from "./feed.ts";
import { BLOCK_SIZE, type Memory } from "./memory.ts";
import type { PartPlan } from "./part-plan.ts";
import { partSource } from "./part-source.ts";

/** Parts as ranges of a replayable source: each is read as it is sent, and none is held. */
export class RangeFeed implements Feed {
  readonly size: number;
  readonly parts: number;
  readonly #source: ByteSource;
  readonly #plan: PartPlan;
  readonly #memory: Memory;
  readonly #done: ReadonlySet<number>;
  #index = 0;

  /** @param done The parts that are at the target already. */
  constructor(source: ByteSource, plan: PartPlan, memory: Memory, done: ReadonlySet<number>) {
    this.#source = source;
    this.#plan = plan;
    this.#memory = memory;
    this.#done = done;
    this.size = plan.size;
    this.parts = plan.parts;
  }

  async next(signal: AbortSignal): Promise<Piece | undefined> {
    while (this.#done.has(this.#index)) this.#index += 1;
    const index = this.#index;
    if (index >= this.parts) return undefined;
    this.#index += 1;
    const offset = index * this.#plan.partSize;
    const size = Math.min(this.#plan.partSize, this.size - offset);
    // What its connection reads into.
    const reservation = await this.#memory.reserve(Math.min(BLOCK_SIZE, this.#memory.limit), signal);
    this.#memory.holdElsewhere(BLOCK_SIZE);
    return {
      index,
      offset,
      size,
      body: partSource(this.#source, offset, size),
      held: false,
      release: () => reservation.release(),
    };
  }

  async close(): Promise<void> {}
}
