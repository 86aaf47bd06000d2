import type { Socket } from "node:net";
import { getDefaultHighWaterMark } from "node:stream";
import type { Clock } from "@sluice/retry";
import { section } from "../section.ts";
import type { OutgoingBody } from "../transport.ts";
import type { Watch } from "../watch.ts";
import { BUFFER_SIZE, type BufferPool } from "./buffer-pool.ts";

/** The high-water mark of undici's TCP sockets; those of its TLS sockets and of HTTP/2 streams are not above Node's default. */
const SOCKET_HIGH_WATER_MARK = 64 * 1024;
/** A piece that takes longer than this is followed by one of half the size; a faster one than FAST by one of twice the size. */
const SLOW = 1_000;
const FAST = 250;

const ignore = (): void => {};
const DONE: IteratorResult<Uint8Array<ArrayBuffer>, undefined> = { done: true, value: undefined };

export interface PumpOptions {
  readonly body: OutgoingBody;
  readonly watch: Watch;
  readonly clock: Clock;
  /** Buffers to use again and again; undefined where it is not known when a chunk has been written. */
  readonly pool: BufferPool | undefined;
  /** Called at once when a source fails, before the iterator rejects with its reason. */
  onFailure(reason: unknown): void;
}

/**
 * The body of one request as undici iterates it: reads ahead into one buffer while the other is being written.
 *
 * When is a buffer free again? undici asks for the next chunk when `socket.write` returned true, or after "drain". It
 * returns true while less than the high-water mark is queued, by reference: a small buffer filled anew at that moment
 * sends other bytes than it held. At or above the mark it returns false, and "drain" comes when nothing is queued. So a
 * chunk of that size is free when the next one is asked for, and a shorter one, which only the end of a body is, goes
 * out as a copy. Where a request ends before its body does, its buffers are left to the garbage collector.
 */
export class BodyPump implements AsyncIterableIterator<Uint8Array<ArrayBuffer>, undefined> {
  readonly #options: PumpOptions;
  /** The smallest chunk for which undici waits until it is written. */
  readonly #safe = Math.max(SOCKET_HIGH_WATER_MARK, getDefaultHighWaterMark(false));
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  readonly #over = Promise.withResolvers<void>();
  /** The connection, once it is known; what it still holds is not free, whatever else was concluded. */
  socket: Socket | undefined;
  /** What is being handed out, how far that has got, and the buffer of ours that it lies in, if it does. */
  #block: Uint8Array<ArrayBuffer> | undefined;
  #offset = 0;
  #buffer: Uint8Array<ArrayBuffer> | undefined;
  /** What is being read, and the buffer that was given for it. */
  #ahead: Promise<Uint8Array<ArrayBuffer> | undefined> | undefined;
  #aheadBuffer: Uint8Array<ArrayBuffer> | undefined;
  /** Bytes of the piece that undici holds. */
  #out = 0;
  #outSince = 0;
  #pieceSize = SOCKET_HIGH_WATER_MARK;
  #state: "open" | "held" | "ended" | "stopped" = "open";

  constructor(options: PumpOptions) {
    this.#options = options;
  }

  /** Whether all of the body has been written. */
  get ended(): boolean {
    return this.#state === "ended";
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array<ArrayBuffer>, undefined>> {
    try {
      this.#taken();
      if (this.#state === "open" && this.#offset === (this.#block?.byteLength ?? 0)) {
        this.#recycle();
        const block = await (this.#ahead ?? this.#read());
        if (this.#state === "open") this.#advance(block);
      }
      if (this.#state !== "open") return await this.#untilOver();
      if (!this.#block) return this.#end();
      const bytes = this.#piece(this.#block);
      this.#out = bytes.byteLength;
      this.#outSince = this.#options.clock.now();
      this.#options.watch.handed();
      return { done: false, value: bytes };
    } catch (reason) {
      if (this.#state !== "open") return await this.#untilOver();
      this.stop(reason);
      this.#options.body.fail(reason);
      this.#options.onFailure(reason);
      throw reason;
    }
  }

  /** What undici calls when it gives up. */
  async return(): Promise<IteratorResult<Uint8Array<ArrayBuffer>, undefined>> {
    this.stop(new Error("The request ended before its body did"));
    return DONE;
  }

  /** Reads no more, because the reply came early and says so; yet the connection stays open for the rest of the reply. */
  hold(): void {
    if (this.#state !== "open") return;
    this.#state = "held";
    this.#cancel(new Error("The server answered before it had the body"));
  }

  /** Reads no more and cancels the source. */
  stop(reason: unknown): void {
    const { watch } = this.#options;
    if (this.#state === "open") this.#cancel(reason);
    if (this.#state !== "ended") {
      this.#state = "stopped";
      if (this.#out > 0) watch.idle();
      this.#block = undefined;
      this.#free.length = 0;
    }
    this.#over.resolve();
  }

  /** Nothing more is to be sent. Held back, that is told when the exchange is over: undici takes an end for one. */
  async #untilOver(): Promise<IteratorResult<Uint8Array<ArrayBuffer>, undefined>> {
    if (this.#state === "held") await this.#over.promise;
    return DONE;
  }

  #cancel(reason: unknown): void {
    // How a source takes its cancellation must not hide why it was cancelled.
    this.#options.body.reader.cancel(reason).catch(ignore);
  }

  #end(): IteratorResult<Uint8Array<ArrayBuffer>, undefined> {
    const { pool, watch } = this.#options;
    this.#state = "ended";
    for (const buffer of this.#free) pool?.give(buffer);
    this.#free.length = 0;
    watch.sentAll();
    return DONE;
  }

  /** The piece handed out last has been written, or is a copy. */
  #taken(): void {
    if (this.#out === 0 || this.#state === "stopped") return;
    const { clock, watch } = this.#options;
    const time = clock.now() - this.#outSince;
    if (time > SLOW) this.#pieceSize = Math.max(this.#pieceSize / 2, this.#safe);
    else if (time < FAST) this.#pieceSize = Math.min(this.#pieceSize * 2, BUFFER_SIZE);
    const bytes = this.#out;
    this.#out = 0;
    watch.taken(bytes);
  }

  /** Hands out from `block` from now on, and reads the one behind it. */
  #advance(block: Uint8Array<ArrayBuffer> | undefined): void {
    this.#block = block;
    this.#offset = 0;
    this.#buffer = block?.buffer === this.#aheadBuffer?.buffer ? this.#aheadBuffer : undefined;
    if (!block) return;
    this.#ahead = this.#read();
    // Looked at when it is asked for.
    this.#ahead.catch(ignore);
  }

  /** The next piece of the block at hand. Pieces are small where the line is slow: progress shows. */
  #piece(block: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const left = block.byteLength - this.#offset;
    // What would be left over must not be too short.
    const size = left < this.#pieceSize + this.#safe ? left : this.#pieceSize;
    const piece = section(block, this.#offset, this.#offset + size);
    this.#offset += size;
    return this.#buffer && size < this.#safe ? piece.slice() : piece;
  }

  #read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    this.#aheadBuffer = undefined;
    return this.#options.body.reader.next(this.#provide);
  }

  /** A body of 10 bytes needs no 448 KiB. */
  readonly #provide = (left: number): Uint8Array<ArrayBuffer> => {
    const { pool } = this.#options;
    const size = pool?.size ?? BUFFER_SIZE;
    this.#aheadBuffer = this.#free.pop() ?? (pool && left >= size ? pool.take() : new Uint8Array(Math.min(left, size)));
    return this.#aheadBuffer;
  };

  #recycle(): void {
    const written = !this.socket || (!this.socket.destroyed && this.socket.writableLength === 0);
    if (this.#buffer && this.#options.pool && written) this.#free.push(this.#buffer);
    this.#buffer = undefined;
  }
}
