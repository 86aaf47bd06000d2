import type { ByteSink, Stored } from "./byte-sink.ts";
import type { TextSink } from "./large-json.ts";
import { RequestRefused } from "./request-refused.ts";

const BLOCK = 64 * 1024;

/** Decodes base64 on its way into a sink of bytes; what stands before `skip` characters is left out. */
export class Base64Sink implements TextSink<Stored> {
  readonly #to: ByteSink;
  /** Used anew for each block: left to the garbage collector, blocks pile up (2 GiB: 165 MiB RSS, 149 with this). */
  readonly #decoded: Buffer = Buffer.allocUnsafeSlow(BLOCK);
  #skip: number;
  /** Up to three characters that wait for their group of four. */
  #carry = "";
  #ended = false;

  constructor(to: ByteSink, skip = 0) {
    this.#to = to;
    this.#skip = skip;
  }

  write(text: Buffer): Promise<void> | undefined {
    const skipped = Math.min(this.#skip, text.length);
    this.#skip -= skipped;
    return this.#take(text, skipped);
  }

  /** Decodes whole groups from `at` on. */
  #take(text: Buffer, at: number): Promise<void> | undefined {
    let next = at;
    while (next < text.length) {
      const wanted = this.#carry === "" ? BLOCK : 4 - this.#carry.length;
      const end = Math.min(text.length, next + wanted);
      const whole = this.#carry === "" ? end - ((end - next) % 4) : end;
      // Joined only where a group is cut: joining every block copies it once more (2 GiB: 149 MiB RSS, 104 without).
      const group = this.#carry + text.toString("latin1", next, whole);
      const cut = group.length % 4 === 0 ? "" : group;
      this.#carry = cut + text.toString("latin1", whole, end);
      next = end;
      const wait = cut === "" && group !== "" ? this.#decode(group) : undefined;
      if (wait !== undefined) return wait.then(() => this.#take(text, next));
    }
    return undefined;
  }

  #decode(group: string): Promise<void> | undefined {
    if (this.#ended || !/^[\w+/-]*={0,2}$/.test(group)) throw new RequestRefused(400, "a file is not valid base64");
    this.#ended = group.endsWith("=");
    return this.#to.write(this.#decoded.subarray(0, this.#decoded.write(group, "base64")));
  }

  async finish(): Promise<Stored> {
    if (this.#carry !== "") {
      if (this.#ended || !/^[\w+/-]{2,3}$/.test(this.#carry))
        throw new RequestRefused(400, "a file is not valid base64");
      await this.#to.write(Buffer.from(this.#carry, "base64"));
    }
    return this.#to.finish();
  }

  abort(): void {
    this.#to.abort();
  }
}
