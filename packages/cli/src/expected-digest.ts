import { UsageError } from "./command-error.ts";

/** What bytes must come to. */
export interface ExpectedDigest {
  readonly algorithm: "md5" | "sha1" | "sha256" | "sha512";
  /** In lower case. */
  readonly hex: string;
}

const LENGTHS = { 32: "md5", 40: "sha1", 64: "sha256", 128: "sha512" } as const;

/**
 * Reads `sha256:…`, or hexadecimal alone, whose length tells.
 *
 * @throws {UsageError} for what is none.
 */
export function parseExpectedDigest(text: string): ExpectedDigest {
  const [, name, hex = ""] = /^(?:([\w-]+)[:=])?([\da-f]+)$/i.exec(text) ?? [];
  const algorithm = LENGTHS[hex.length as keyof typeof LENGTHS];
  if (algorithm !== undefined && (name === undefined || name.toLowerCase().replace("-", "") === algorithm)) {
    return { algorithm, hex: hex.toLowerCase() };
  }
  throw new UsageError(
    `"${text}" is no digest.`,
    "Write md5, sha1, sha256 or sha512 and its digits, such as sha256:9f86….",
  );
}
