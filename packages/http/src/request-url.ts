import { describe } from "./describe.ts";
import { withoutAddresses } from "./secrets.ts";

/** @throws {TypeError} when the base URL is relative, or neither http: nor https:. */
export function parseBaseUrl(action: string, baseUrl: unknown): URL | undefined {
  if (baseUrl === undefined) return undefined;
  if (typeof baseUrl !== "string" && !(baseUrl instanceof URL)) {
    throw new TypeError(`${action}: "baseUrl" must be an absolute URL, received ${describe(baseUrl)}`);
  }
  const url = URL.parse(baseUrl);
  if (!url || !isWeb(url)) {
    throw new TypeError(
      `${action}: "baseUrl" must be an absolute http: or https: URL, received ${JSON.stringify(shown(String(baseUrl)))}`,
    );
  }
  return url;
}

/**
 * The address of a request: the base's path and the request's, one after the other; never above the base's path, so that
 * an id of `..` does not become another resource.
 *
 * @throws {TypeError} when there is no address of them.
 */
export function requestUrl(
  action: string,
  base: URL | undefined,
  path: unknown,
  query: Readonly<Record<string, string | number | boolean | undefined>> = {},
): URL {
  if (typeof path !== "string") throw new TypeError(`${action}: "path" must be a string, received ${describe(path)}`);
  const absolute = URL.parse(path);
  if (absolute && !isWeb(absolute)) {
    throw new TypeError(
      `${action}: "path" must be a path or an http: or https: URL, received one of ${absolute.protocol}`,
    );
  }
  const url = absolute ?? join(action, base, path);
  url.hash = "";
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.append(name, String(value));
  }
  return url;
}

function join(action: string, base: URL | undefined, path: string): URL {
  if (!base) {
    throw new TypeError(
      `${action}: "path" must be an absolute URL, because the client has no "baseUrl"; received ${JSON.stringify(shown(path))}`,
    );
  }
  const [, pathname = "", search = ""] = /^([^?#]*)(\?[^#]*)?/.exec(path) ?? [];
  if (pathname.split(/[/\\]/).some((segment) => /^(\.|%2e){1,2}$/i.test(segment))) {
    throw new TypeError(
      `${action}: "path" must not hold the segments "." and "..", received ${JSON.stringify(pathname)}`,
    );
  }
  const url = new URL(base);
  url.pathname = `${base.pathname.replace(/\/$/, "")}/${pathname.replace(/^\//, "")}`;
  // A request to the base itself keeps its path as it is.
  if (pathname === "") url.pathname = base.pathname;
  const extra = new URLSearchParams(search);
  for (const [name, value] of extra) url.searchParams.append(name, value);
  return url;
}

function isWeb(url: URL): boolean {
  return url.protocol === "http:" || url.protocol === "https:";
}

/** The beginning of a text, without what may be user info or a query. */
function shown(text: string): string {
  return withoutAddresses(text)
    .replace(/^[^@]*@/, "")
    .replace(/\?.*/s, "")
    .slice(0, 100);
}
