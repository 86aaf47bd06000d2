/** Headers whose values anyone may see. All others may hold a key. */
const PUBLIC_HEADER = /^(accept|accept-.*|content-.*|if-.*|range|prefer|user-agent)$/;

/** Whether a header, its name in lower case, holds nothing that anyone must not see. */
export function isPublicHeader(name: string): boolean {
  return PUBLIC_HEADER.test(name);
}

/** Shorter values would strike out half of every message, and protect nothing. */
const SHORTEST = { userInfo: 4, header: 6, part: 8, query: 8 };
const STRUCK_OUT = "[redacted]";

/** What must not appear in an error or an event; strikes it out of texts, also where a server has echoed it. */
export class Secrets {
  readonly #values = new Set<string>();

  /** The values of headers, and of a scheme's value (`Bearer …`) also its last part alone. */
  addHeaders(headers: Iterable<readonly [string, string]>): void {
    for (const [name, value] of headers) {
      if (isPublicHeader(name)) continue;
      this.#add(value, SHORTEST.header);
      // What stands behind the scheme, each of several cookies.
      for (const part of value.split(/[\s;,]+/)) this.#add(part, SHORTEST.part);
    }
  }

  /** User info, and the values in the query: a pre-signed address is a credential. */
  addUrl(url: URL): void {
    for (const value of [url.username, url.password]) {
      this.#add(value, SHORTEST.userInfo);
      this.#add(decode(value), SHORTEST.userInfo);
    }
    for (const value of url.searchParams.values()) this.#add(value, SHORTEST.query);
  }

  #add(value: string, shortest: number): void {
    if (value.length < shortest) return;
    this.#values.add(value);
    this.#values.add(encodeURIComponent(value.toWellFormed()));
    this.#values.add(JSON.stringify(value).slice(1, -1));
  }

  /** The text without any of them. The longest go first: one may be a part of another. */
  redact(text: string): string {
    const values = [...this.#values].sort((a, b) => b.length - a.length);
    return values.reduce((left, value) => left.replaceAll(value, STRUCK_OUT), text);
  }

  /** A JSON value without any of them, in keys and in strings. */
  redactValue(value: unknown): unknown {
    if (typeof value === "string") return this.redact(value);
    if (Array.isArray(value)) return value.map((item) => this.redactValue(item));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.redact(key), this.redactValue(item)]));
  }

  /**
   * An error made anew of its name, its message, its code and its causes: what transports attach to theirs (sockets,
   * options, whole requests) may hold anything.
   */
  redactError(error: unknown, depth = 0): Error {
    if (!(error instanceof Error)) return new Error(this.redact(String(error)));
    const errors = error instanceof AggregateError ? error.errors.map(String).join("; ") : "";
    const safe = new Error(this.redact(withoutAddresses(error.message || errors)));
    safe.name = error.name;
    // The stack of the original starts with its message.
    safe.stack = `${safe.name}: ${safe.message}`;
    if (error.cause !== undefined && depth < 4) safe.cause = this.redactError(error.cause, depth + 1);
    const code: unknown = Object(error).code;
    return typeof code === "string" ? Object.assign(safe, { code: this.redact(code) }) : safe;
  }
}

/** Strikes user info and query out of every address in a text: some transports put the whole one into their message. */
export function withoutAddresses(text: string): string {
  return text.replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]+/gi, (found) =>
    URL.canParse(found) ? publicUrl(new URL(found)) : "an address",
  );
}

/** An address without user info, query and fragment. */
function publicUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** Percent-decoded user info; as it is where it is malformed. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
