/**
 * The value with everything replaced, at any depth, for which `replace` gives something else. What it gives is not looked
 * into; plain objects and arrays that it leaves alone are.
 *
 * @throws {TypeError} for a value that contains itself.
 */
export function mapValues(
  value: unknown,
  replace: (value: unknown) => unknown,
  above: readonly unknown[] = [],
): unknown {
  const replaced = replace(value);
  if (replaced !== value || !isContainer(value)) return replaced;
  if (above.includes(value)) throw new TypeError('Cannot run a model: "input" must be JSON, received a cycle');
  const path = [...above, value];
  if (Array.isArray(value)) return value.map((item) => mapValues(item, replace, path));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapValues(item, replace, path)]));
}

/** Whether it is an array or a plain object, of this realm or another; objects of a class are values. */
function isContainer(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
