/** Whether this is Cloudflare's runtime, whose classes differ from all others' where it matters here. */
export function isWorkerd(): boolean {
  return globalThis.navigator?.userAgent === "Cloudflare-Workers";
}
