import type { Member } from "./_plan.ts";
import type { WorkerOrder, WorkerReport } from "./_worker-message.ts";
import { openPort, type WorkerPort } from "./_worker-port.ts";
import type { Algorithm } from "./algorithm.ts";
import type { HashState } from "./hash-state.ts";

/** By run: blocks of 256 KiB cost a tenth more, for they are four times the messages. */
const BLOCK_SIZE = 1 << 20;
/** One that is filled, one that is hashed, and one on its way. */
const BLOCKS = 3;

/**
 * The way to one worker and back. A block of memory is filled here, transferred, hashed there and sent back: as many
 * bytes are in flight as the blocks hold, and a write waits when none is here.
 */
export class WorkerLane {
  readonly engine: Promise<string>;
  readonly #port: WorkerPort;
  readonly #free: ArrayBuffer[] = [];
  /** Blocks that may still be allocated. */
  #spare = BLOCKS;
  #block: Uint8Array<ArrayBuffer> | undefined;
  #filled = 0;
  #failure: { reason: unknown } | undefined;
  /** Whoever waits for a block; a lane has one writer. */
  #writer: PromiseWithResolvers<void> | undefined;
  /** Whoever waits for an answer, in the order of the questions. */
  readonly #askers: PromiseWithResolvers<unknown>[] = [];

  /** @throws when no worker can be started. A worker that fails to load rejects `engine`. */
  constructor({ name, from }: Member, resumable: boolean) {
    this.#port = openPort(
      (message) => this.#receive(message as WorkerReport),
      (reason) => this.#fail(reason),
    );
    this.engine = this.#ask({ kind: "start", algorithm: name as Algorithm, resumable, from }) as Promise<string>;
  }

  /** Copies the bytes; a promise when that must wait for a block to come back. */
  write(bytes: Uint8Array): Promise<void> | undefined {
    let rest = bytes;
    while (rest.byteLength > 0) {
      if (this.#failure) return Promise.reject(this.#failure.reason);
      const block = this.#block ?? this.#take();
      if (!block) {
        const later = rest;
        return this.#blockFreed().then(() => this.write(later));
      }
      const part = rest.subarray(0, block.byteLength - this.#filled);
      block.set(part, this.#filled);
      this.#filled += part.byteLength;
      if (this.#filled === block.byteLength) this.#send();
      rest = rest.subarray(part.byteLength);
    }
    return undefined;
  }

  async save(): Promise<HashState> {
    this.#send();
    return (await this.#ask({ kind: "save" })) as HashState;
  }

  async digest(): Promise<Uint8Array<ArrayBuffer>> {
    this.#send();
    return (await this.#ask({ kind: "digest" })) as Uint8Array<ArrayBuffer>;
  }

  async close(reason: unknown = new Error("The worker was stopped")): Promise<void> {
    this.#fail(reason);
    await this.#port.terminate();
  }

  #take(): Uint8Array<ArrayBuffer> | undefined {
    let buffer = this.#free.pop();
    if (!buffer && this.#spare > 0) {
      this.#spare -= 1;
      buffer = new ArrayBuffer(BLOCK_SIZE);
    }
    if (!buffer) return undefined;
    this.#block = new Uint8Array(buffer);
    this.#filled = 0;
    return this.#block;
  }

  #send(): void {
    if (!this.#block || this.#filled === 0) return;
    const { buffer } = this.#block;
    this.#post({ kind: "block", buffer, size: this.#filled }, [buffer]);
    this.#block = undefined;
    this.#filled = 0;
  }

  #post(order: WorkerOrder, transfer?: ArrayBuffer[]): void {
    if (!this.#failure) this.#port.post(order, transfer);
  }

  #blockFreed(): Promise<void> {
    this.#writer = Promise.withResolvers();
    return this.#waitFor(this.#writer.promise);
  }

  #ask(order: WorkerOrder): Promise<unknown> {
    if (this.#failure) return Promise.reject(this.#failure.reason);
    const asker = Promise.withResolvers<unknown>();
    this.#askers.push(asker);
    this.#post(order);
    return this.#waitFor(asker.promise);
  }

  async #waitFor<T>(promise: Promise<T>): Promise<T> {
    this.#port.hold();
    try {
      return await promise;
    } finally {
      this.#port.release();
    }
  }

  #receive(report: WorkerReport): void {
    switch (report.kind) {
      case "free":
        this.#free.push(report.buffer);
        this.#writer?.resolve();
        this.#writer = undefined;
        break;
      case "ready":
        this.#askers.shift()?.resolve(report.engine);
        break;
      case "state":
        this.#askers.shift()?.resolve(report.state);
        break;
      case "digest":
        this.#askers.shift()?.resolve(report.bytes);
        break;
      case "failed":
        this.#fail(report.error);
        break;
    }
  }

  #fail(reason: unknown): void {
    if (this.#failure) return;
    this.#failure = { reason };
    this.#block = undefined;
    this.#writer?.reject(reason);
    for (const asker of this.#askers.splice(0)) asker.reject(reason);
  }
}
