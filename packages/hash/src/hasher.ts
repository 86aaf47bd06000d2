import type { Engine } from "./_engine.ts";
import { nativeEngine } from "./_native-engine.ts";
import { describe } from "./_text.ts";
import { HASH_WASM_VERSION, wasmEngine } from "./_wasm-engine.ts";
import { ALGORITHMS, type Algorithm, assertAlgorithm } from "./algorithm.ts";
import { combineValues } from "./combine-crc.ts";
import { createDigest, type Digest } from "./digest.ts";
import { type HashState, type OpenedState, openState, PORTABLE, sealState } from "./hash-state.ts";
import { StateRefusedError } from "./state-refused-error.ts";

/** OpenSSL takes less than 2 GiB at once. */
const LARGEST_UPDATE = 2 ** 30;

export interface HasherOptions {
  /**
   * Whether `save` can be called. It costs speed in Node, whose own engines keep their state to themselves; not for
   * CRCs.
   * @default whether `from` is given
   */
  resumable?: boolean | undefined;
  /** A state from `save`, to go on from. */
  from?: HashState | undefined;
}

/** Computes one digest, synchronously. */
export interface Hasher {
  readonly algorithm: Algorithm;
  /** What computes it here: `node:crypto`, `node:zlib` or `hash-wasm`. */
  readonly engine: string;
  /** Bytes so far, those before the state it was resumed from included. */
  readonly size: number;
  /** @throws {TypeError} for what is no Uint8Array, and after `digest`. */
  update(bytes: Uint8Array): void;
  /** The digest; ends the hasher. The same one when called again. */
  digest(): Digest;
  /**
   * Where it stands, as JSON. Holds some of the last bytes: see {@link HashState}.
   * @throws {TypeError} without `resumable`, and after `digest`.
   */
  save(): HashState;
}

/**
 * Makes a hasher: the engine of a `HashStream` without the stream.
 *
 * @returns Rejects with `TypeError` or `RangeError` for an algorithm that is none, and with `StateRefusedError` for a
 *   state that cannot be continued here.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createHasher } from "@sluice/hash";
 *
 * const first = await createHasher("crc32c", { resumable: true });
 * first.update(new TextEncoder().encode("1234"));
 * const journal = JSON.stringify(first.save());
 *
 * const second = await createHasher("crc32c", { from: JSON.parse(journal) });
 * assert.equal(second.size, 4);
 * second.update(new TextEncoder().encode("56789"));
 * assert.equal(second.digest().hex, "e3069283");
 * ```
 */
export async function createHasher(
  algorithm: Algorithm,
  { from, resumable = from !== undefined }: HasherOptions = {},
): Promise<Hasher> {
  assertAlgorithm("create a hasher", algorithm);
  const opened = from === undefined ? undefined : openHashState(from, algorithm);
  const isCrc = ALGORITHMS[algorithm].polynomial !== undefined;
  // Where a state must be read, only WebAssembly will do; a CRC's is its value, which every engine shows.
  const engine = (resumable && !isCrc ? undefined : nativeEngine(algorithm)) ?? (await wasmEngine(algorithm));
  if (opened && isCrc)
    return new EngineHasher(algorithm, resumedCrc(algorithm, engine, opened), opened.size, resumable);
  if (opened) load(algorithm, engine, opened);
  return new EngineHasher(algorithm, engine, opened?.size ?? 0, resumable);
}

/**
 * What can be said of a state before an engine is loaded.
 * @throws {StateRefusedError}
 */
export function openHashState(state: HashState, algorithm: Algorithm): OpenedState {
  const isCrc = ALGORITHMS[algorithm].polynomial !== undefined;
  return openState(state, algorithm, isCrc ? PORTABLE : { name: "hash-wasm", version: HASH_WASM_VERSION });
}

function load(algorithm: Algorithm, engine: Engine, { engineVersion, bytes }: OpenedState): void {
  if (engineVersion !== engine.version) {
    throw new StateRefusedError(
      algorithm,
      "engine",
      `the state is of ${engine.name} ${engineVersion}, which ${engine.name} ${engine.version} cannot read`,
    );
  }
  try {
    engine.load?.(bytes);
  } catch (cause) {
    throw new StateRefusedError(algorithm, "damaged", `${engine.name} refuses the state`, { cause });
  }
}

/** Hashes what comes as if it stood alone, and combines the two values whenever one is asked for. */
function resumedCrc(algorithm: Algorithm, engine: Engine, before: OpenedState): Engine {
  let size = 0;
  const value = (after: Uint8Array) => combineValues(algorithm, before.bytes, after, size);
  return {
    ...engine,
    update(bytes) {
      engine.update(bytes);
      size += bytes.byteLength;
    },
    digest: () => value(engine.digest()),
    save: () => value((engine.save as () => Uint8Array)()),
  };
}

/**
 * A class for its getter: each object literal that has one makes V8 a hidden class of its own, which keeps the hasher
 * alive until all of the heap is collected. What can be called can be handed on by itself all the same.
 */
class EngineHasher implements Hasher {
  readonly algorithm: Algorithm;
  readonly engine: string;
  readonly #engine: Engine;
  readonly #resumable: boolean;
  #size: number;
  #digest: Digest | undefined;

  constructor(algorithm: Algorithm, engine: Engine, startedAt: number, resumable: boolean) {
    this.algorithm = algorithm;
    this.engine = engine.name;
    this.#engine = engine;
    this.#resumable = resumable;
    this.#size = startedAt;
  }

  get size(): number {
    return this.#size;
  }

  readonly update = (bytes: Uint8Array): void => {
    if (!(bytes instanceof Uint8Array)) {
      throw new TypeError(`Cannot hash: expected a Uint8Array, received ${describe(bytes)}`);
    }
    if (this.#digest) throw new TypeError(`Cannot update ${this.algorithm}: its digest has been taken`);
    const { byteLength } = bytes;
    if (byteLength <= LARGEST_UPDATE) this.#engine.update(bytes);
    else
      for (let at = 0; at < byteLength; at += LARGEST_UPDATE)
        this.#engine.update(bytes.subarray(at, at + LARGEST_UPDATE));
    this.#size += byteLength;
  };

  readonly digest = (): Digest => {
    this.#digest ??= createDigest(this.algorithm, this.#engine.digest());
    return this.#digest;
  };

  readonly save = (): HashState => {
    if (!this.#resumable) {
      throw new TypeError(`Cannot save ${this.algorithm}: it was not made with { resumable: true }`);
    }
    if (this.#digest) throw new TypeError(`Cannot save ${this.algorithm}: its digest has been taken`);
    const owner = ALGORITHMS[this.algorithm].polynomial ? PORTABLE : this.#engine;
    return sealState(this.algorithm, this.#size, owner, (this.#engine.save as () => Uint8Array)());
  };
}
