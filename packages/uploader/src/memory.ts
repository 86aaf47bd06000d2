import { expectOptions } from "@sluice/retry";
import { WaitingLine } from "./waiting-line.ts";

/** Large enough that a part is a handful of them, small enough that the last one wastes little. */
const BLOCK_SIZE: number = 1 << 20;

/** Bytes that were set aside, until they are given back. */
export interface Reservation {
  /** Gives back all but this many. */
  shrink(bytes: number): void;
  /** Gives back what is left; again it does nothing. */
  release(): void;
}

/**
 * A budget of bytes, shared by all uploads that are given it. What holds bytes sets them aside *before* it reads them,
 * a whole part at once: half-filled parts can then never wait for each other.
 */
export class Memory {
  /** Bytes that may be held at once. */
  readonly limit: number;
  readonly blockSize: number = BLOCK_SIZE;
  #used = 0;
  /** Bytes held elsewhere that no block has gone for yet. */
  #elsewhere = 0;
  /** Blocks that nobody uses, to be used again: else the garbage collector would let several budgets pile up. */
  readonly #blocks: Uint8Array<ArrayBuffer>[] = [];
  readonly #line = new WaitingLine<number>((bytes) => {
    if (this.#used + bytes > this.limit) return false;
    this.#used += bytes;
    return true;
  });

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Bytes that are set aside at the moment. */
  get used(): number {
    return this.#used;
  }

  /** Waits its turn, and sets bytes aside. @throws {AbortSignal["reason"]} when aborted before. */
  async reserve(bytes: number, signal: AbortSignal): Promise<Reservation> {
    await this.#line.enter(bytes, signal);
    let held = bytes;
    const shrink = (to: number): void => {
      this.#used -= held - to;
      held = to;
      this.#line.move();
    };
    return { shrink, release: () => shrink(0) };
  }

  /** Sets aside what a connection reads into. @returns What gives it back. */
  async reserveConnection(signal: AbortSignal): Promise<() => void> {
    const { release } = await this.reserve(Math.min(BLOCK_SIZE, this.limit), signal);
    this.holdElsewhere(BLOCK_SIZE);
    return release;
  }

  /** A block, within a reservation. Its bytes are what they are. */
  takeBlock(): Uint8Array<ArrayBuffer> {
    return this.#blocks.pop() ?? new Uint8Array(BLOCK_SIZE);
  }

  /** Gives a block back that nothing reads any more, before its reservation is released. */
  giveBlock(block: Uint8Array<ArrayBuffer>): void {
    this.#blocks.push(block);
  }

  /** Bytes that were set aside are held in other memory than blocks: as many idle ones go. */
  holdElsewhere(bytes: number): void {
    this.#elsewhere += bytes;
    for (; this.#elsewhere >= BLOCK_SIZE; this.#elsewhere -= BLOCK_SIZE) this.#blocks.pop();
  }
}

/**
 * Makes a budget to be shared by several uploads: `upload(a, target, { memory })`, `upload(b, target, { memory })`.
 *
 * A part of a stream that can be read only once counts with its size, a part of a replayable source with the 1 MiB that
 * its connection reads into.
 *
 * @throws {TypeError | RangeError} unless it is given a positive number of bytes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createMemory } from "@sluice/uploader";
 *
 * const memory = createMemory(256 * 2 ** 20);
 * assert.equal(memory.used, 0);
 * ```
 */
export function createMemory(bytes: number): Memory {
  expectOptions("create a memory", { bytes }, { bytes: 1 }, true);
  return new Memory(bytes);
}
