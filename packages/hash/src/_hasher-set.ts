import type { Plan } from "./_plan.ts";
import { describe } from "./_text.ts";
import type { Algorithm } from "./algorithm.ts";
import type { CustomHasher } from "./custom-hasher.ts";
import { createDigest, type Digest } from "./digest.ts";
import type { HashState } from "./hash-state.ts";
import { createHasher } from "./hasher.ts";

export type States = Record<string, HashState>;

/** The hashers of one stage, wherever they run; a call comes when the one before it has settled. */
export interface HasherSet {
  /** By algorithm. */
  readonly engines: Readonly<Record<string, string>>;
  update(bytes: Uint8Array): void | Promise<void>;
  save(): States | Promise<States>;
  /** In the order of the plan. */
  digest(): Digest[] | Promise<Digest[]>;
  close(reason?: unknown): void | Promise<void>;
}

/** The set that runs where it is called, and at once. */
export interface ThreadSet extends HasherSet {
  update(bytes: Uint8Array): void;
  save(): States;
  digest(): Digest[];
}

export async function createThreadSet({ members, resumable }: Plan): Promise<ThreadSet> {
  const hashers: CustomHasher[] = await Promise.all(
    members.map(({ name, hasher, from }) => hasher ?? createHasher(name as Algorithm, { from, resumable })),
  );
  const [only] = hashers.length === 1 ? hashers : [];
  return {
    engines: Object.fromEntries(hashers.map(({ algorithm, engine }) => [algorithm, engine ?? "custom"])),
    update(bytes) {
      if (only) only.update(bytes);
      else for (const hasher of hashers) hasher.update(bytes);
    },
    save: () =>
      Object.fromEntries(
        hashers.map(({ algorithm }, index) => [algorithm, (hashers[index] as Required<CustomHasher>).save()]),
      ),
    digest: () => hashers.map((hasher) => ownDigest(hasher)),
    close() {},
  };
}

function ownDigest(hasher: CustomHasher): Digest {
  const digest = hasher.digest();
  if (digest instanceof Uint8Array) return createDigest(hasher.algorithm, new Uint8Array(digest));
  if (digest?.bytes instanceof Uint8Array) return digest;
  throw new TypeError(
    `Cannot take the digest of ${hasher.algorithm}: the hasher passed must give a Uint8Array, received ${describe(digest)}`,
  );
}
