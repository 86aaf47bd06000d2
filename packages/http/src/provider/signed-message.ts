/** The headers of a message that was received, in any of the forms that servers give them. */
export type MessageHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** The value of a header, whatever the case of its name; the first where there are several. */
export function headerOf(headers: MessageHeaders, name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  const [, value] = Object.entries(headers).find(([key]) => key.toLowerCase() === name) ?? [];
  return typeof value === "string" ? value : value?.[0];
}

/**
 * Why the time of a signed message is not to be believed; undefined where it is.
 *
 * @param timestamp Seconds since the epoch, as the message has it.
 * @param tolerance Milliseconds that it may be off, either way. One that is no number tolerates nothing.
 */
export function staleness(timestamp: string, tolerance: number, now: number): string | undefined {
  if (!/^\d{1,12}$/.test(timestamp)) return "its time is no number of seconds";
  const age = now - Number(timestamp) * 1000;
  if (Math.abs(age) <= tolerance) return undefined;
  const off = Math.round(Math.abs(age) / 1000);
  return `its time is ${off} s ${age > 0 ? "ago" : "from now"}, and "tolerance" allows ${tolerance / 1000} s`;
}
