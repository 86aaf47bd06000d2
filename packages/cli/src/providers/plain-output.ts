/** What a model has made, as JSON: files in it become their addresses, to be fetched with `sluice get`. */
export function plainOutput(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plainOutput);
  const { url, open } = value as { url?: unknown; open?: unknown };
  if (typeof url === "string" && typeof open === "function") return url;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plainOutput(member)]));
}
