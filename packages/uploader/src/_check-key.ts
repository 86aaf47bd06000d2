/** @throws {TypeError} for a key that is no string; any string is one, the empty one included. */
export function checkKey(key: string): void {
  if (typeof key !== "string") {
    throw new TypeError(
      `Cannot use the journal: "key" must be a string, received ${key === null ? "null" : typeof key}`,
    );
  }
}
