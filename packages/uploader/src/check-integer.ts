/** @throws {TypeError | RangeError} unless the value is a positive integer. */
export function checkInteger(action: string, option: string, value: unknown): asserts value is number {
  const expected = `Cannot ${action}: "${option}" must be a positive integer`;
  if (typeof value !== "number") throw new TypeError(`${expected}, received ${value === null ? "null" : typeof value}`);
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${expected}, received ${value}`);
}
