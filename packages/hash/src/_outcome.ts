import type { Plan } from "./_plan.ts";
import type { Digest, Digests } from "./digest.ts";
import { DigestMismatchError } from "./digest-mismatch-error.ts";

/** The two promises of a stage, settled together and once; never an unhandled rejection, looked at or not. */
export class Outcome<Name extends string> {
  readonly #plan: Plan;
  readonly #first: PromiseWithResolvers<Digest> = Promise.withResolvers();
  readonly #all: PromiseWithResolvers<Digests<Name>> = Promise.withResolvers();

  constructor(plan: Plan) {
    this.#plan = plan;
    this.digest.catch(() => {});
    this.digests.catch(() => {});
  }

  get digest(): Promise<Digest> {
    return this.#first.promise;
  }

  get digests(): Promise<Digests<Name>> {
    return this.#all.promise;
  }

  /** @throws {DigestMismatchError} which both promises are rejected with, too. */
  settle(digests: readonly Digest[]): void {
    for (const [index, { name, expected }] of this.#plan.members.entries()) {
      const actual = digests[index]?.hex as string;
      if (expected === undefined || expected === actual) continue;
      const mismatch = new DigestMismatchError(name, expected, actual);
      this.fail(mismatch);
      throw mismatch;
    }
    const entries = this.#plan.members.map(({ name }, index) => [name, digests[index]]);
    this.#first.resolve(digests[0] as Digest);
    this.#all.resolve(Object.fromEntries(entries) as Digests<Name>);
  }

  fail(reason: unknown): void {
    this.#first.reject(reason);
    this.#all.reject(reason);
  }
}
