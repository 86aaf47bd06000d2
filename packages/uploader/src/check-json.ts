/** Deeper than anyone's data, and far from where JSON.stringify overflows the stack. */
const MAX_DEPTH = 1_000;

/**
 * Refuses what would not come back from JSON as it went in. Members of objects that are undefined are left out by JSON,
 * and allowed.
 *
 * @param what what the value is called in the message: `receipt` gives `receipt.parts[3].when`
 * @throws {TypeError} that names the path to what cannot be written down.
 */
export function checkJson(value: unknown, what: string): void {
  check(value, what, []);
}

function check(value: unknown, path: string, ancestors: object[]): void {
  if (value === null || typeof value === "string" || typeof value === "boolean") return;
  if (typeof value === "number") {
    if (!Number.isFinite(value)) refuse(path, String(value));
    return;
  }
  if (typeof value !== "object") refuse(path, value === undefined ? "undefined" : `a ${typeof value}`);
  const object = value as object;
  if (ancestors.includes(object)) refuse(path, "an object that contains itself");
  if (ancestors.length >= MAX_DEPTH) refuse(path, `something nested ${MAX_DEPTH} deep`);
  ancestors.push(object);
  if (Array.isArray(object)) {
    // Holes included, which forEach would skip.
    for (let index = 0; index < object.length; index += 1) check(object[index], `${path}[${index}]`, ancestors);
  } else {
    if (!isPlain(object)) refuse(path, kindOf(object));
    for (const [name, member] of Object.entries(object)) {
      if (member !== undefined) check(member, `${path}${step(name)}`, ancestors);
    }
  }
  ancestors.pop();
}

/** Made by a literal, in this realm or in another, or without any prototype. */
function isPlain(object: object): boolean {
  const prototype = Object.getPrototypeOf(object);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function kindOf(object: object): string {
  const name: unknown = object.constructor?.name;
  return typeof name === "string" && name !== "" ? `an instance of ${name}` : "an instance of a class";
}

function step(name: string): string {
  return /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

function refuse(path: string, received: string): never {
  throw new TypeError(`Cannot write down "${path}": it must be plain JSON, received ${received}`);
}
