/** Why a state was refused: of another format, of another algorithm, of another engine or release of it, or damaged. */
export type StateRefusal = "format" | "algorithm" | "engine" | "damaged";

/**
 * A saved state cannot be continued here. The bytes before it must be hashed again.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createHasher, StateRefusedError } from "@sluice/hash";
 *
 * const state = (await createHasher("sha1", { resumable: true })).save();
 * const error = await createHasher("sha256", { from: state }).catch((error) => error);
 * assert.ok(error instanceof StateRefusedError);
 * assert.equal(error.refusal, "algorithm");
 * ```
 */
export class StateRefusedError extends Error {
  override readonly name: string = "StateRefusedError";
  /** What to branch on, also across copies of this package. */
  readonly code = "state-refused";
  /** The same state would be refused again. */
  readonly retryable: boolean = false;
  readonly algorithm: string;
  readonly refusal: StateRefusal;

  constructor(algorithm: string, refusal: StateRefusal, detail: string, options?: ErrorOptions) {
    super(`Cannot resume ${algorithm}: ${detail}. Hash the bytes again from the start`, options);
    this.algorithm = algorithm;
    this.refusal = refusal;
  }
}
