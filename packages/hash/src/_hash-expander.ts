import type { Expander } from "@sluice/streams";
import type { HasherSet, States } from "./_hasher-set.ts";
import { openSet } from "./_open-set.ts";
import { Outcome } from "./_outcome.ts";
import { pass } from "./_pass.ts";
import type { Plan } from "./_plan.ts";
import type { HashResults } from "./hash-codec.ts";
import type { HashState } from "./hash-state.ts";
import type { HashEvent } from "./hash-stream.ts";

/** As a codec's stage cuts them. */
const LARGEST_PIECE = 1 << 20;

export interface HashExpander<Name extends string>
  extends Expander<Uint8Array, Uint8Array<ArrayBuffer>>,
    HashResults<Name> {
  readonly where: "worker" | "thread" | undefined;
}

/** The stage over hashers that take their time: a chunk goes on once the workers have a copy of it. */
export function hashExpander<Name extends string>(
  plan: Plan,
  onEvent?: (event: HashEvent) => void,
): HashExpander<Name> {
  const outcome = new Outcome<Name>(plan);
  let where: "worker" | "thread" | undefined;
  let set: HasherSet | undefined;
  let opening: Promise<HasherSet> | undefined;
  let final: States | undefined;
  let failure: { reason: unknown } | undefined;
  /** The call in progress: a save waits for the chunk that is half way into the workers' buffers. */
  let last: Promise<unknown> | undefined;

  /** At the first byte, so that a stage that is never used starts no worker that would have to be stopped. */
  function open(): Promise<HasherSet> {
    opening ??= openHashers();
    return opening;
  }

  async function openHashers(): Promise<HasherSet> {
    const opened = await openSet(plan, onEvent);
    ({ set, where } = opened);
    if (failure) {
      await opened.set.close(failure.reason);
      throw failure.reason;
    }
    return opened.set;
  }

  /** Runs one call of the set after the other. */
  function inTurn<T>(call: () => T | Promise<T>): T | Promise<T> {
    const result = last ? last.then(call) : call();
    if (!(result instanceof Promise)) return result;
    const turn = result
      .catch(() => {})
      .then(() => {
        if (last === turn) last = undefined;
      });
    last = turn;
    return result;
  }

  return {
    digest: outcome.digest,
    digests: outcome.digests,
    get engines() {
      return set?.engines ?? {};
    },
    get where() {
      return where;
    },
    async *transform(chunk) {
      const bytes = pass(chunk);
      const hashers = set ?? (await open());
      for (let at = 0; at === 0 || at < bytes.byteLength; at += LARGEST_PIECE) {
        const piece = bytes.byteLength <= LARGEST_PIECE ? bytes : bytes.subarray(at, at + LARGEST_PIECE);
        const copied = inTurn(() => hashers.update(piece));
        if (copied) await copied;
        yield piece;
      }
    },
    async *flush() {
      const hashers = set ?? (await open());
      const digests = await inTurn(async () => {
        if (plan.resumable) final = await hashers.save();
        return hashers.digest();
      });
      await hashers.close();
      outcome.settle(digests);
      yield* [];
    },
    async cancel(reason) {
      failure = { reason };
      outcome.fail(reason);
      await set?.close(reason);
    },
    async save() {
      if (!plan.resumable) throw new TypeError('Cannot save a hash: pass "resumable: true"');
      if (failure) throw failure.reason;
      const hashers = set ?? (await open());
      return (final ?? (await inTurn(() => final ?? hashers.save()))) as { readonly [K in Name]: HashState };
    },
  };
}
