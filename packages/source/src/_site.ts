import { describe } from "./_describe.ts";

/** Where to ask, and as whom. */
export interface Site {
  /** Without user info, which went into `headers`, and without a fragment. */
  readonly url: URL;
  /** The caller's. They go to the origin of `url` alone. */
  readonly headers: Headers;
  readonly fetch: typeof fetch;
  readonly maxRedirects: number;
}

/** Options of the caller's that decide how to ask. */
export interface SiteOptions {
  headers?: ConstructorParameters<typeof Headers>[0] | undefined;
  fetch?: typeof fetch | undefined;
  maxRedirects?: number | undefined;
}

/** The scheme, when it is none that is spoken here. */
export function foreignScheme(url: URL): string | undefined {
  return url.protocol === "https:" || url.protocol === "http:" ? undefined : url.protocol;
}

/** Checks what the caller gave, and takes the user info out of the address: `fetch` refuses one that has it. */
export function siteOf(action: string, given: URL | string, options: SiteOptions): Site {
  const { maxRedirects = 5, fetch = globalThis.fetch } = options;
  if (!(given instanceof URL) && typeof given !== "string") {
    throw new TypeError(`Cannot ${action}: "url" must be a URL, received ${describe(given)}`);
  }
  const parsed = URL.canParse(String(given)) ? new URL(given) : undefined;
  if (parsed === undefined || foreignScheme(parsed) !== undefined) {
    throw new TypeError(
      `Cannot ${action}: "url" must be an absolute http: or https: URL, received ${parsed ? `one of ${parsed.protocol}` : "a string that is none"}; for a path or another URL, use toSource or file of "@sluice/source/node"`,
    );
  }
  if (typeof fetch !== "function") {
    throw new TypeError(`Cannot ${action}: "fetch" must be a function, received ${describe(fetch)}`);
  }
  if (!Number.isInteger(maxRedirects) || maxRedirects < 0) {
    throw new RangeError(`Cannot ${action}: "maxRedirects" must be an integer ≥ 0, received ${maxRedirects}`);
  }
  const headers = headersOf(action, options.headers);
  if ((parsed.username || parsed.password) && !headers.has("authorization")) {
    const userinfo = [parsed.username, parsed.password].map(decoded).join(":");
    headers.set("authorization", `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(userinfo)))}`);
  }
  parsed.username = parsed.password = parsed.hash = "";
  return { url: parsed, headers, fetch, maxRedirects };
}

/** The platform's own complaint about a header shows its value, which may be a key. */
function headersOf(action: string, init: SiteOptions["headers"]): Headers {
  try {
    return new Headers(init);
  } catch {
    throw new TypeError(`Cannot ${action}: "headers" must be valid header names and values, received others`);
  }
}

/** A lone percent sign stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
