import { untilHttpDate } from "./_http-date.ts";

/** Headers as the platform has them, or as a plain record with names in any case. */
export type HeadersLike =
  | Iterable<readonly [name: string, value: string]>
  | Readonly<Record<string, string | number | readonly string[] | undefined>>;

const DECIMAL = /^\d+(\.\d+)?$/;

/**
 * Reads how long a server asks to be left alone, in milliseconds.
 *
 * `retry-after-ms` is asked first, then `Retry-After` as seconds (decimals are taken too) or as an HTTP date in any
 * of the three forms of RFC 9110, section 5.6.7. A date that has passed is 0. Absurdly large values come back as they
 * are (`Infinity` beyond what a number holds); `retry` does not wait for those. What cannot be read (negative, repeated,
 * empty, not a date of those forms, a 31 February) is `undefined`, as if the header were not there.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { retryAfter } from "@sluice/retry";
 *
 * assert.equal(retryAfter(new Headers({ "Retry-After": "120" }), Date.now()), 120_000);
 * assert.equal(retryAfter({ "retry-after-ms": "1500", "retry-after": "2" }, Date.now()), 1500);
 * assert.equal(
 *   retryAfter({ "Retry-After": "Sat, 21 Nov 2026 12:00:30 GMT" }, Date.UTC(2026, 10, 21, 12, 0, 0)),
 *   30_000,
 * );
 * assert.equal(retryAfter({ "retry-after": "soon" }, Date.now()), undefined);
 * ```
 *
 * @param headers of the response
 * @param now the time that a date is compared with, in milliseconds since the epoch
 * @returns milliseconds, or `undefined` where the server gave no readable hint
 */
export function retryAfter(headers: HeadersLike, now: number): number | undefined {
  const entries = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
  const read = (name: string, unit: number): number | undefined => {
    const text = String(entries.find(([key]) => key.toLowerCase() === name)?.[1]);
    return DECIMAL.test(text) ? Math.round(+text * unit) : untilHttpDate(text, now);
  };
  return read("retry-after-ms", 1) ?? read("retry-after", 1000);
}
