/** The middle of some values, and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/**
 * @param values At least one; their order does not matter.
 * @throws RangeError if there is none, or one is not a finite number.
 */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0 || !values.every(Number.isFinite)) {
    throw new RangeError(`a spread takes at least one value, all finite; received [${values.join(", ")}]`);
  }
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] as number;
  const lower = sorted[(sorted.length - 1) >> 1] as number;
  return { median: (lower + upper) / 2, min: sorted[0] as number, max: sorted.at(-1) as number };
}

/**
 * The spread of `subject[i] / peer[i]`. Values of one round are divided before anything is averaged: what slowed the
 * machine in that round slowed both.
 *
 * @throws RangeError if they are not equally many.
 */
export function pairwiseRatio(subject: readonly number[], peer: readonly number[]): Spread {
  if (subject.length !== peer.length) {
    throw new RangeError(`pairs need as many values on both sides, received ${subject.length} and ${peer.length}`);
  }
  return spread(subject.map((value, round) => value / (peer[round] as number)));
}
