import type { Received } from "./transport.ts";

/** Redirects that one request follows. */
export const MAX_REDIRECTS = 5;
/** What may be told to a stranger. */
const FOR_STRANGERS = new Set(["accept", "accept-encoding", "content-type", "user-agent"]);

/** Where a redirect leads; or why it is not followed; or undefined for what is none. */
export type Redirect =
  | { readonly url: URL; readonly method: string; readonly withBody: boolean }
  | { readonly refused: string };

/**
 * What a reply asks for, by RFC 9110, section 15.4. A method other than GET and HEAD is repeated for 307 and 308 alone,
 * and changed to GET for 303 alone: that 301 and 302 do so too is a habit of browsers, which loses a body silently.
 *
 * @param resendable Whether the body, if there is one, can be sent again.
 */
export function redirectOf(
  { status, headers }: Received,
  method: string,
  from: URL,
  resendable: boolean,
): Redirect | undefined {
  if (![301, 302, 303, 307, 308].includes(status)) return undefined;
  const location = headers.get("location");
  const url = location === null ? null : URL.parse(location, from);
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) return { refused: "it leads to no address" };
  if (from.protocol === "https:" && url.protocol === "http:") return { refused: "it leads from https: to http:" };
  url.username = "";
  url.password = "";
  url.hash = "";
  const safe = method === "GET" || method === "HEAD";
  if (status === 303) return { url, method: method === "HEAD" ? "HEAD" : "GET", withBody: false };
  if (!safe && status < 303) return { refused: `${method} is not repeated for it` };
  if (!resendable) return { refused: "the body comes from a stream and cannot be sent again" };
  return { url, method, withBody: true };
}

/** The headers that go on: all of them within an origin, to another none that could be a credential. */
export function headersFor(
  headers: ReadonlyMap<string, string>,
  from: URL,
  to: URL,
  withBody: boolean,
): Map<string, string> {
  const kept = [...headers].filter(
    ([name]) => (from.origin === to.origin || FOR_STRANGERS.has(name)) && (withBody || !name.startsWith("content-")),
  );
  return new Map(kept);
}
