/** Throws what misuse of an option is answered with: RangeError where the kind was right, TypeError where not. */
export function refuse(action: string, option: string, requirement: string, received: unknown, kind: string): never {
  const shown = typeof received === "string" ? JSON.stringify(received) : describe(received);
  const message = `Cannot ${action}: "${option}" must be ${requirement}, received ${shown}`;
  throw typeof received === kind ? new RangeError(message) : new TypeError(message);
}

/** What to call a value in a message, without printing what may be large or secret. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "object") return typeof value === "undefined" ? "undefined" : `a ${typeof value}`;
  return Array.isArray(value) ? "an array" : `a ${Object.prototype.toString.call(value).slice(8, -1)}`;
}
