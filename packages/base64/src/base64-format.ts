import { oneOf, refuse } from "./refuse.ts";

/** The 64 characters: `"base64"` ends in `+/`, `"base64url"` in `-_` (RFC 4648 sections 4 and 5). */
export type Base64Alphabet = "base64" | "base64url";

/** What encoded text looks like. */
export interface Base64Format {
  /** @default "base64" */
  alphabet?: Base64Alphabet | undefined;
  /**
   * Whether the last group is filled up with `=`.
   * @default true for "base64", false for "base64url"
   */
  padding?: boolean | undefined;
  /**
   * Characters on a line: 76 for MIME, 64 for PEM. No line break follows the last line.
   * @default no line breaks
   */
  lineLength?: number | undefined;
  /** @default "\r\n" */
  lineEnding?: "\r\n" | "\n" | undefined;
}

/** A format with all its defaults filled in. */
export interface ResolvedFormat {
  readonly url: boolean;
  readonly padding: boolean;
  readonly lineLength: number | undefined;
  readonly lineEnding: string;
}

/** Checks an `alphabet` option; true for base64url. */
export const isUrlAlphabet = (alphabet: Base64Alphabet, action: string): boolean =>
  oneOf(action, "alphabet", alphabet, ["base64", "base64url"]) === "base64url";

/** Checks a format and fills in its defaults. */
export function resolveFormat(
  { alphabet = "base64", padding, lineLength, lineEnding = "\r\n" }: Base64Format,
  action: string,
): ResolvedFormat {
  const url = isUrlAlphabet(alphabet, action);
  if (lineLength !== undefined && !(Number.isSafeInteger(lineLength) && lineLength > 0)) {
    refuse(action, "lineLength", "a positive integer", lineLength, "number");
  }
  return {
    url,
    padding: oneOf(action, "padding", padding ?? !url, [true, false]),
    lineLength,
    lineEnding: oneOf(action, "lineEnding", lineEnding, ["\r\n", "\n"]),
  };
}
