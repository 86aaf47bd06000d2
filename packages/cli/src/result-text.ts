/** A result for the standard output: a text as it is, a list of texts one a line, all else as JSON. */
export function resultText(result: unknown): string {
  if (typeof result === "string") return result;
  const texts = Array.isArray(result) && result.length > 0 && result.every((item) => typeof item === "string");
  if (!texts) return JSON.stringify(result, null, 2) ?? "";
  // Addresses stand one a line; what a language model wrote comes in pieces of one text.
  return result.join(result.every((item) => URL.canParse(item)) ? "\n" : "");
}
