/** The formats, by the names that `CompressionStream` has for them: RFC 1952, RFC 1950 and RFC 1951. */
export type CompressionFormat = "gzip" | "deflate" | "deflate-raw";

const FORMATS: readonly string[] = ["gzip", "deflate", "deflate-raw"] satisfies CompressionFormat[];

/** @throws {TypeError} as the platform does, whose conversion to a string is done here, too. */
export function checkedFormat(action: string, format: unknown): CompressionFormat {
  const name = String(format);
  if (FORMATS.includes(name)) return name as CompressionFormat;
  throw new TypeError(
    `Cannot ${action}: "format" must be "gzip", "deflate" or "deflate-raw", received ${JSON.stringify(name)}`,
  );
}
