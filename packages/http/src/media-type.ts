/** A media type that can stand in a header: what is not of printable ASCII would break out of it, and is none. */
export function safeMediaType(type: string | undefined): string {
  return type !== undefined && /^[!-~]+\/[ -~]+$/.test(type) ? type : "application/octet-stream";
}
