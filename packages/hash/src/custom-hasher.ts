import type { Algorithm } from "./algorithm.ts";
import type { Digest } from "./digest.ts";
import type { HashState } from "./hash-state.ts";

/**
 * A hasher from elsewhere, for an algorithm that this package does not know; what `createHasher` makes is one too. It is
 * used up by the stage that it is passed to.
 */
export interface CustomHasher<Name extends string = string> {
  /** Under which its digest is found, and what `expect` calls it. */
  readonly algorithm: Name;
  readonly engine?: string | undefined;
  update(bytes: Uint8Array): unknown;
  digest(): Digest | Uint8Array;
  save?(): HashState;
}

/** What to compute: one or several, by name or by hasher. */
export type HashAlgorithms<Name extends Algorithm, Custom extends string = never> =
  | Name
  | CustomHasher<Custom>
  | readonly (Name | CustomHasher<Custom>)[];
