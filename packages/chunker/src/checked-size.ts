/**
 * The size, if it is one.
 * @throws {TypeError} when it is no number. {RangeError} when it is no positive integer.
 */
export function checkedSize(size: number, action: string): number {
  if (Number.isSafeInteger(size) && size > 0) return size;
  const Kind = typeof size === "number" ? RangeError : TypeError;
  throw new Kind(
    `Cannot ${action}: "size" must be a positive integer, received ${typeof size === "number" ? size : typeof size}`,
  );
}
