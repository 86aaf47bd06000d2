import { HttpError } from "@sluice/http";

/** Shorter values would strike out half of every message, and protect nothing. */
const SHORTEST = 8;
const REMEMBERED = 100;

/** What must not appear in an error or an event: services echo what they were sent. The last values that were used. */
export class Confidential {
  readonly #values = new Set<string>();

  add(...values: readonly string[]): void {
    for (const value of values) {
      if (value.length < SHORTEST) continue;
      this.#values.delete(value);
      this.#values.add(value);
      const [oldest] = this.#values;
      if (this.#values.size > REMEMBERED && oldest !== undefined) this.#values.delete(oldest);
    }
  }

  /** What of an address is nobody's business: user info, and the values in its query, since a signed link is a key. */
  addUrl({ username, password, searchParams }: URL): void {
    this.add(username, password, decode(username), decode(password), ...searchParams.values());
  }

  /** A JSON value without any of them. */
  strikeOut<Value>(value: Value): Value {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) return value;
    // The longest go first: one may be a part of another.
    const values = [...this.#values].sort((a, b) => b.length - a.length);
    const left = values
      .flatMap((each) => [each, encodeURIComponent(each.toWellFormed())])
      .reduce((rest, each) => rest.replaceAll(JSON.stringify(each).slice(1, -1), "[redacted]"), text);
    return left === text ? value : (JSON.parse(left) as Value);
  }

  /** An error without any of them. The client knows its own headers and address, and not what stood in the body. */
  strikeOutOf(error: unknown): unknown {
    if (!(error instanceof HttpError)) return error;
    const note = error.requestId === undefined ? "" : ` (request ${error.requestId})`;
    const { code, method, url, status, retryAfter, retryable, reached, requestId, cause } = error;
    const start = `Cannot ${method} ${url}: `.length;
    const shown = { reason: error.message.slice(start, error.message.length - note.length), body: error.body };
    const hidden = this.strikeOut(shown);
    if (hidden === shown) return error;
    return new HttpError({ code, method, url, status, retryAfter, retryable, reached, requestId, cause, ...hidden });
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
