import { discardBody } from "./_response-body.ts";
import { foreignScheme, type Site } from "./_site.ts";
import { redirectError, unreachableError } from "./_url-errors.ts";

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Asks for a URL and follows redirects itself, so that the caller's headers never reach another origin. */
export async function httpGet(
  site: Site,
  extra: Record<string, string>,
  signal: AbortSignal,
): Promise<{ response: Response; url: URL }> {
  let { url } = site;
  let own: Headers | undefined = site.headers;
  for (let hops = 0; ; hops += 1) {
    const headers = new Headers(own);
    // Ranges and lengths are those of the bytes as they are, not of a compressed form of them.
    headers.set("accept-encoding", "identity");
    for (const [name, value] of Object.entries(extra)) headers.set(name, value);
    const response = await send(site, url, headers, "manual", signal);
    if (response.type === "opaqueredirect") return followInBrowser(site, url, headers, signal);
    const location = response.headers.get("location");
    if (!REDIRECTS.has(response.status) || location === null) return { response, url };

    await discardBody(response);
    const { status } = response;
    if (hops >= site.maxRedirects) throw redirectError(url, `more than ${site.maxRedirects} redirects`, status);
    const next = nextUrl(url, location, status);
    if (next.origin !== url.origin) own = undefined;
    url = next;
  }
}

/** Where a redirect leads, without user info. */
function nextUrl(url: URL, location: string, status: number): URL {
  if (!URL.canParse(location, url.href)) throw redirectError(url, "it redirects to what is no URL", status);
  const next = new URL(location, url);
  // Who asked for https: did not agree to have the bytes changed on the way.
  const worse = url.protocol === "https:" && next.protocol === "http:" ? next.protocol : foreignScheme(next);
  if (worse) throw redirectError(url, `it redirects from ${url.protocol} to ${worse}`, status);
  next.username = next.password = "";
  return next;
}

async function send(
  { fetch }: Site,
  url: URL,
  headers: Headers,
  redirect: RequestRedirect,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await fetch(url.href, { headers, redirect, signal });
  } catch (error) {
    signal.throwIfAborted();
    throw unreachableError(url, error);
  }
}

/** A page is not shown where a redirect leads. What has nothing to give away can let the browser follow it. */
async function followInBrowser(
  site: Site,
  url: URL,
  headers: Headers,
  signal: AbortSignal,
): Promise<{ response: Response; url: URL }> {
  if ([...site.headers].length > 0) {
    throw redirectError(url, "it redirects, and a browser would take your headers along. Pass where it leads to");
  }
  const response = await send(site, url, headers, "follow", signal);
  return { response, url: new URL(response.url) };
}
