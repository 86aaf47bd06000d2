import type { Codec } from "@sluice/streams";
import { createThreadSet, type States, type ThreadSet } from "./_hasher-set.ts";
import { Outcome } from "./_outcome.ts";
import { pass } from "./_pass.ts";
import { type Plan, planOf } from "./_plan.ts";
import type { Algorithm } from "./algorithm.ts";
import type { HashAlgorithms } from "./custom-hasher.ts";
import type { Digest, Digests } from "./digest.ts";
import type { HashState } from "./hash-state.ts";

/** A digest to compare with: hexadecimal text in either case, or bytes. */
export type ExpectedDigest = string | Uint8Array;

export interface HashCodecOptions<Name extends string = string> {
  /** What the digests must be: by algorithm, or the value itself when there is one algorithm. */
  expect?: ExpectedDigest | { readonly [K in Name]?: ExpectedDigest | undefined } | undefined;
  /**
   * Whether `save` can be called.
   * @default whether `from` is given
   */
  resumable?: boolean | undefined;
  /** States to go on from: by algorithm, or the state itself when there is one algorithm. */
  from?: HashState | { readonly [K in Name]?: HashState | undefined } | undefined;
}

/** What a hashing stage tells beside the bytes. */
export interface HashResults<Name extends string = string> {
  /** Of the first algorithm. Fulfilled when the last byte has passed; rejected with whatever ended the stage before. */
  readonly digest: Promise<Digest>;
  /** Of all, by name. */
  readonly digests: Promise<Digests<Name>>;
  /** What computes each here; empty until the first byte. */
  readonly engines: Readonly<Record<string, string>>;
  /**
   * The states of all at the byte that has passed, by name.
   * @returns Rejects with `TypeError` without `resumable`, and with the reason of a stage that has failed.
   */
  save(): Promise<{ readonly [K in Name]: HashState }>;
}

export interface HashCodec<Name extends string = string>
  extends Codec<Uint8Array, Uint8Array<ArrayBuffer>>,
    HashResults<Name> {}

/**
 * The codec of a {@link HashStream}, to be fused with others. Emits each chunk as it is.
 *
 * @throws {TypeError} {RangeError} {StateRefusedError} as `HashStream`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { hashCodec } from "@sluice/hash";
 * import { adopt, codecStream, collectBytes, fuse } from "@sluice/streams";
 *
 * const before = hashCodec("crc32");
 * const after = hashCodec("crc32");
 * const invert = { transform: (chunk: Uint8Array, emit: (chunk: Uint8Array) => void) => emit(chunk.map((byte) => ~byte)) };
 * await collectBytes(adopt([Uint8Array.of(1)]).pipeThrough(codecStream(fuse(before, invert, after))));
 * assert.equal((await before.digest).hex, "a505df1b");
 * assert.equal((await after.digest).hex, "88073096");
 * ```
 */
export function hashCodec<const Name extends Algorithm, const Custom extends string = never>(
  algorithms: HashAlgorithms<Name, Custom>,
  options: HashCodecOptions<Name | Custom> = {},
): HashCodec<Name | Custom> {
  return codecOf(planOf("make a hash codec", algorithms, options));
}

export function codecOf<Name extends string>(plan: Plan): HashCodec<Name> {
  const outcome = new Outcome<Name>(plan);
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => {});
  let set!: ThreadSet;
  let final: States | undefined;
  let failure: { reason: unknown } | undefined;

  return {
    digest: outcome.digest,
    digests: outcome.digests,
    get engines() {
      return set?.engines ?? {};
    },
    async start() {
      set = await createThreadSet(plan);
      ready.resolve();
    },
    transform(chunk, emit) {
      const bytes = pass(chunk);
      set.update(bytes);
      emit(bytes);
    },
    flush() {
      // A digest ends the hashers; their last states outlive it.
      if (plan.resumable) final = set.save();
      outcome.settle(set.digest());
    },
    cancel(reason) {
      failure = { reason };
      ready.reject(reason);
      outcome.fail(reason);
    },
    async save() {
      if (!plan.resumable) throw new TypeError('Cannot save a hash: pass "resumable: true"');
      await ready.promise;
      if (failure) throw failure.reason;
      return (final ?? set.save()) as { readonly [K in Name]: HashState };
    },
  };
}
