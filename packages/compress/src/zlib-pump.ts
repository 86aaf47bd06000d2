import type { ZlibStream } from "./node-zlib.ts";
import { inOwnMemory } from "./own-memory.ts";

/**
 * Output of one round trip to zlib's thread. Node's own 16 KiB cost four times as many of them; the platform's classes use
 * those.
 */
export const ZLIB_OUTPUT = 131_072;

/** Output that may wait here. When it is reached, one more piece is under way, and waits inside. */
const AHEAD = 5 * ZLIB_OUTPUT;

/**
 * Runs a `node:zlib` stream by demand, `AHEAD` of it.
 *
 * The stream flows, and is paused only when that much waits. For each piece that its buffer has no room for, Node assigns a
 * closure to a property, and V8 puts what is written like that into its old generation at once, where what it refers to
 * survives with it: 250 bytes a piece. At one of them for every piece that was read, the young generation, and with it
 * what gathers there, doubled within a GiB of a bomb.
 */
export class ZlibPump {
  readonly #stream: ZlibStream;
  readonly #waiting: Uint8Array<ArrayBuffer>[] = [];
  #size = 0;
  #wake: () => void = () => {};
  #reached = false;
  #closed = false;
  #failure: { readonly error: Error & { code?: string } } | undefined;

  /** @param stream Made with `readableHighWaterMark: 1`. */
  constructor(stream: ZlibStream) {
    this.#stream = stream;
    stream.on("data", (output) => {
      this.#add(output);
      this.#size += output.length;
      if (this.#size >= AHEAD) stream.pause();
      this.#wake();
    });
    stream.on("error", (error) => {
      this.#failure = { error };
      this.#wake();
    });
    stream.on("close", () => {
      this.#closed = true;
      this.#wake();
    });
  }

  /** Bytes of input that zlib has consumed. */
  get consumed(): number {
    return this.#stream.bytesWritten;
  }

  /** Gives zlib `input`, which may be used again when `read` has told that all of it has been taken. */
  write(input: Uint8Array): void {
    this.#reached = false;
    this.#stream.write(input, () => this.#reach());
  }

  /** There is no more input. */
  end(): void {
    this.#reached = false;
    this.#stream.on("end", () => this.#reach());
    this.#stream.end();
  }

  /**
   * The next piece of what comes out; undefined when all that was given has been taken, or all of the end has come.
   *
   * @param more Whether more is given then: memory that zlib only began to fill is kept until that fills it, and not copied.
   */
  async read(more = false): Promise<Uint8Array<ArrayBuffer> | undefined> {
    while (true) {
      const output = this.#take(more && !this.#failure);
      if (output) return output;
      if (this.#failure) throw this.#failure.error;
      // What came last may still be on its way from inside: a paused stream resumes in its own time.
      if (this.#closed || (this.#reached && this.#stream.readableLength === 0)) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Releases zlib's memory; at once, or when the thread that uses it has finished. */
  close(): void {
    this.#stream.destroy();
  }

  /** Node hands out parts of one buffer, one after the other, where the input ended before the buffer was full. */
  #add(output: Uint8Array<ArrayBuffer>): void {
    const last = this.#waiting.at(-1);
    if (last && last.buffer === output.buffer && last.byteOffset + last.length === output.byteOffset) {
      this.#waiting.pop();
      this.#waiting.push(new Uint8Array(last.buffer, last.byteOffset, last.length + output.length));
    } else this.#waiting.push(output);
  }

  #take(more: boolean): Uint8Array<ArrayBuffer> | undefined {
    const [output] = this.#waiting;
    if (!output) return undefined;
    const unfilled = this.#waiting.length === 1 && output.byteOffset + output.length < output.buffer.byteLength;
    if (unfilled && more) return undefined;
    this.#waiting.shift();
    this.#size -= output.length;
    if (this.#size <= AHEAD / 2) this.#stream.resume();
    return inOwnMemory(output);
  }

  #reach(): void {
    this.#reached = true;
    this.#wake();
  }
}
