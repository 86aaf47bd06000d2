import { codecStream, pullPair, type StreamsOption } from "@sluice/streams";
import { hashExpander } from "./_hash-expander.ts";
import { planOf } from "./_plan.ts";
import { describe } from "./_text.ts";
import type { Algorithm } from "./algorithm.ts";
import type { HashAlgorithms } from "./custom-hasher.ts";
import type { Digest, Digests } from "./digest.ts";
import { codecOf, type HashCodecOptions, type HashResults } from "./hash-codec.ts";
import type { HashState } from "./hash-state.ts";

/** Something that happened in a stage and is worth a line in a log. */
export interface HashEvent {
  /** A worker could not be started, and the calling thread hashes in its place. */
  readonly type: "worker-unavailable";
  readonly reason: unknown;
}

export interface HashStreamOptions<Name extends string = string> extends HashCodecOptions<Name>, StreamsOption {
  /**
   * Whether to hash in workers, one for each algorithm, so that several are computed at once and the calling thread is
   * free. Where none can be started, the calling thread hashes; `where` and `onEvent` tell.
   * @default false
   */
  worker?: boolean | undefined;
  onEvent?: ((event: HashEvent) => void) | undefined;
}

/**
 * A stage that lets bytes pass and computes digests of them: the same chunks come out, uncopied, in views of at most
 * 1 MiB. It fails before its end can be seen when a digest is not the one expected.
 *
 * @typeParam Name Of the algorithms. @typeParam Custom Of the hashers from elsewhere.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { HashStream } from "@sluice/hash";
 *
 * const hash = new HashStream(["md5", "sha256"], { expect: { md5: "25f9e794323b453885f5181f1b624d0b" } });
 * const text = await new Response(new Blob(["123456789"]).stream().pipeThrough(hash)).text();
 * assert.equal(text, "123456789");
 * const { sha256 } = await hash.digests;
 * assert.equal(sha256.hex, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225");
 * ```
 */
export class HashStream<const Name extends Algorithm = Algorithm, const Custom extends string = never>
  implements HashResults<Name | Custom>
{
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<Uint8Array>;
  readonly digest: Promise<Digest>;
  readonly digests: Promise<Digests<Name | Custom>>;
  readonly #results: HashResults<Name | Custom> & { readonly where?: "worker" | "thread" | undefined };
  readonly #worker: boolean;

  /**
   * @param algorithms What to compute: a name, a hasher, or a list of them.
   * @throws {TypeError} for an option of the wrong kind. {RangeError} for an unknown algorithm or an expectation that no
   *   digest can meet. {StateRefusedError} for a state that cannot be continued.
   */
  constructor(algorithms: HashAlgorithms<Name, Custom>, options: HashStreamOptions<Name | Custom> = {}) {
    const { worker = false, onEvent, streams } = options;
    if (typeof worker !== "boolean") {
      throw new TypeError(`Cannot construct HashStream: "worker" must be a boolean, received ${describe(worker)}`);
    }
    if (onEvent !== undefined && typeof onEvent !== "function") {
      throw new TypeError(`Cannot construct HashStream: "onEvent" must be a function, received ${describe(onEvent)}`);
    }
    const plan = planOf("construct HashStream", algorithms, options);
    this.#worker = worker;
    if (worker) {
      const expander = hashExpander<Name | Custom>(plan, onEvent);
      ({ readable: this.readable, writable: this.writable } = pullPair(expander, { streams }));
      this.#results = expander;
    } else {
      const codec = codecOf<Name | Custom>(plan);
      ({ readable: this.readable, writable: this.writable } = codecStream(codec, { streams }));
      this.#results = codec;
    }
    ({ digest: this.digest, digests: this.digests } = this.#results);
  }

  /** Where the hashing happens: with `worker`, undefined until the first byte. */
  get where(): "worker" | "thread" | undefined {
    return this.#worker ? this.#results.where : "thread";
  }

  get engines(): Readonly<Record<string, string>> {
    return this.#results.engines;
  }

  save(): Promise<{ readonly [K in Name | Custom]: HashState }> {
    return this.#results.save();
  }
}
