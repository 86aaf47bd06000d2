/**
 * Throws unless every value is a number that is `valid` or, without that, a function: TypeError for the wrong kind,
 * RangeError for the wrong number. Called with `{ size }`, so that the message names the option as the caller does.
 */
export function expect(
  action: string,
  values: Record<string, unknown>,
  expected = "function",
  valid?: (value: number) => boolean,
): void {
  for (const [name, value] of Object.entries(values)) {
    const ofKind = typeof value === (valid ? "number" : "function");
    if (!ofKind || valid?.(value as number) === false) {
      throw new (ofKind ? RangeError : TypeError)(
        `Cannot ${action}: "${name}" must be a ${expected}, received ${ofKind ? value : typeof value}`,
      );
    }
  }
}

/** {@link expect} for sizes and durations. */
export function expectAmounts(action: string, values: Record<string, unknown>): void {
  expect(action, values, "finite number >= 0", (value) => value >= 0 && value < Infinity);
}
