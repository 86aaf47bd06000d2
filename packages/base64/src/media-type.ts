const TOKEN = "[!#$%&'*+\\-.^_`|~\\w]+";
const ESSENCE = new RegExp(`^(${TOKEN}/${TOKEN}) *(?:;|$)`);
const NAME = new RegExp(`^${TOKEN}$`);
/** A name, then a value in quotes, the closing one of which may be missing, or a plain value. */
const PARAMETER = / *([^;=]*)(?:=(?:"((?:[^"\\]|\\.|\\$)*)"?[^;]*|([^;]*)))?(?:;|$)/y;

/**
 * Writes a media type as the MIME Sniffing standard does: names in lower case, malformed and repeated parameters left out.
 *
 * @param text Printable ASCII without spaces at its ends.
 * @returns undefined when it is none.
 */
export function normalizedMediaType(text: string): string | undefined {
  const found = ESSENCE.exec(text);
  if (!found) return undefined;
  const parameters = new Map<string, string>();
  PARAMETER.lastIndex = found[0].length;
  while (PARAMETER.lastIndex < text.length) {
    const [, rawName = "", quoted, plain = ""] = PARAMETER.exec(text) ?? [];
    const name = rawName.toLowerCase();
    const value = quoted?.replace(/\\(.)/g, "$1") ?? plain.trimEnd();
    if (NAME.test(name) && (value || quoted === "") && !parameters.has(name)) parameters.set(name, value);
  }
  let type = `${found[1]}`.toLowerCase();
  for (const [name, value] of parameters) {
    type += `;${name}=${NAME.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`}`;
  }
  return type;
}
