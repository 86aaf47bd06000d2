/** What a reply says of the part that it holds. */
export interface ContentRange {
  readonly start: number;
  /** The first byte that is not in it. */
  readonly end: number;
  /** Of the whole; undefined when the server does not say. */
  readonly size: number | undefined;
}

/** Reads `bytes 0-99/1234` (RFC 9110, section 14.4); undefined when it is missing or makes no sense. */
export function contentRange(headers: Headers): ContentRange | undefined {
  const [, first, last, size] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(headers.get("content-range") ?? "") ?? [];
  if (first === undefined || last === undefined) return undefined;
  const range = { start: Number(first), end: Number(last) + 1, size: size === "*" ? undefined : Number(size) };
  const sound = range.start < range.end && range.end <= (range.size ?? Number.MAX_SAFE_INTEGER);
  return sound ? range : undefined;
}

/** The validator that tells two versions apart byte for byte: an ETag that is not weak (RFC 9110, section 8.8.3). */
export function strongEtag(headers: Headers): string | undefined {
  const etag = headers.get("etag");
  return etag !== null && /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(etag) ? etag : undefined;
}
