/** Deeper than anyone's data, and far from where JSON.stringify overflows the stack. */
const MAX_DEPTH = 1_000;

/**
 * Refuses what would not come back from JSON as it went in. Members of objects that are undefined are left out by JSON,
 * and allowed.
 *
 * @param what what the value is called in the message: `receipt` gives `receipt.parts[3].when`
 * @param ancestors what it is a member of
 * @throws {TypeError} that names the path to what cannot be written down.
 */
export function checkJson(value: unknown, what: string, ancestors: readonly unknown[] = []): void {
  const refuse = (received: string): never => {
    throw new TypeError(`Cannot write down "${what}": it must be plain JSON, received ${received}`);
  };
  const kind = typeof value;
  if (value === null || kind === "string" || kind === "boolean" || Number.isFinite(value)) return;
  if (kind !== "object") refuse(kind === "number" || kind === "undefined" ? String(value) : `a ${kind}`);
  const object = value as object;
  if (ancestors.includes(object)) refuse("an object that contains itself");
  if (ancestors.length >= MAX_DEPTH) refuse(`something nested ${MAX_DEPTH} deep`);
  const list = Array.isArray(object);
  if (!list && !isPlain(object)) refuse(`an instance of ${object.constructor?.name || "a class"}`);
  // Copied, a list has no holes: they are undefined.
  for (const [name, member] of Object.entries(list ? [...object] : object)) {
    if (list || member !== undefined) {
      checkJson(member, what + (list ? `[${name}]` : step(name)), [...ancestors, object]);
    }
  }
}

/** Made by a literal, in this realm or in another, or without any prototype. */
function isPlain(object: object): boolean {
  const prototype = Object.getPrototypeOf(object);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function step(name: string): string {
  return /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
