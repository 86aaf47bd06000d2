/** Controls, and the characters that turn the writing direction round: `gpj.exe` must not look like `exe.jpg`. */
const INVISIBLE = /[\p{Cc}\u202a-\u202e\u2066-\u2069\u200e\u200f]/gu;

/** Makes a plain file name of one that came over the network: no folders, no control characters; undefined if none is left. */
export function safeName(given: string): string | undefined {
  const last = given.replace(INVISIBLE, "").split(/[/\\]/).at(-1)?.trim();
  return last === undefined || last === "" || last === "." || last === ".." ? undefined : last;
}
