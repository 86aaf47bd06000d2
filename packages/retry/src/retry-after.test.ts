import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { retryAfter } from "./index.ts";

// Sunday, as in the examples of RFC 9110, section 5.6.7.
const NOW = Date.UTC(1994, 10, 6, 8, 49, 7);
const read = (value: string, now = NOW): number | undefined => retryAfter({ "retry-after": value }, now);

describe("retryAfter()", () => {
  test.each([
    ["seconds", "120", 120_000],
    ["zero", "0", 0],
    ["leading zeros", "007", 7000],
    ["decimals", "1.5", 1500],
    ["decimals without binary form", "1.1", 1100],
    ["a month", "2592000", 2_592_000_000],
    ["absurd seconds", "99999999999999999999", 1e23],
    ["absurder seconds", "9".repeat(400), Infinity],
    ["an HTTP date", "Sun, 06 Nov 1994 08:49:37 GMT", 30_000],
    ["an RFC 850 date", "Sunday, 06-Nov-94 08:49:37 GMT", 30_000],
    ["an asctime date", "Sun Nov  6 08:49:37 1994", 30_000],
    ["an asctime date with two digits", "Wed Nov 16 08:49:07 1994", 864_000_000],
    ["a date that has passed", "Sun, 06 Nov 1994 08:48:37 GMT", 0],
    ["the date of now", "Sun, 06 Nov 1994 08:49:07 GMT", 0],
    ["an absurd date", "Fri, 31 Dec 9999 23:59:59 GMT", Date.UTC(9999, 11, 31, 23, 59, 59) - NOW],
    ["29 February of a leap year", "Thu, 29 Feb 1996 00:00:00 GMT", Date.UTC(1996, 1, 29) - NOW],
    ["a wrong day of the week", "Mon, 06 Nov 1994 08:49:37 GMT", 30_000],
  ])("reads %s", (_, value, expected) => {
    expect(read(value)).toBe(expected);
  });

  test.each([
    "",
    " ",
    "-1",
    "-0",
    "+5",
    "1e3",
    "0x10",
    ".5",
    "5.",
    "5s",
    "5, 10",
    "NaN",
    "Infinity",
    "soon",
    "undefined",
    "null",
    "Sun, 31 Feb 1994 08:49:37 GMT",
    "Thu, 29 Feb 1995 00:00:00 GMT",
    "Sun, 00 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT",
    "Sun, 06 Nov 1994 08:60:37 GMT",
    "Sun, 06 Nov 1994 08:49 GMT",
    "Sun, 06 Nov 1994 08:49:37 CET",
    "Sun, 06 Nov 1994 08:49:37 +0100",
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 6 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 994 08:49:37 GMT",
    "Sun, 06 Nox 1994 08:49:37 GMT",
    "Sonntag, 06-Nov-94 08:49:37",
    "Sun Nov 31 08:49:37 1994",
    "1994-11-06T08:49:37Z",
    "784111777000 GMT",
  ])("does not read %j", (value) => {
    expect(read(value)).toBe(undefined);
  });

  test.each([
    ["26", "2026", true],
    ["75", "2075", true],
    ["94", "1994", false],
    ["00", "2000", false],
    ["77", "1977", false],
  ])("takes the two digits %s for %s in 2026", (digits, year, ahead) => {
    const now = Date.UTC(2026, 10, 21);
    const expected = ahead ? Date.UTC(Number(year), 11, 24) - now : 0;
    expect(read(`Friday, 24-Dec-${digits} 00:00:00 GMT`, now)).toBe(expected);
  });

  test("asks retry-after-ms first, and Retry-After where that cannot be read", () => {
    const both = (ms: string) => retryAfter({ "retry-after-ms": ms, "retry-after": "3" }, NOW);
    expect(both("1500")).toBe(1500);
    expect(both("12.4")).toBe(12);
    expect(both("0")).toBe(0);
    for (const unreadable of ["-5", "", "soon", "NaN"]) expect(both(unreadable)).toBe(3000);
    expect(retryAfter({ "retry-after-ms": "250" }, NOW)).toBe(250);
  });

  test("takes Headers, entries and records with names in any case", () => {
    expect(retryAfter(new Headers({ "Retry-After": "5" }), NOW)).toBe(5000);
    expect(retryAfter(new Headers(), NOW)).toBe(undefined);
    expect(retryAfter(new Map([["Retry-After", "5"]]), NOW)).toBe(5000);
    expect(retryAfter({ "RETRY-AFTER": "5" }, NOW)).toBe(5000);
    expect(retryAfter({ "retry-after": 5 }, NOW)).toBe(5000);
    expect(retryAfter({ "retry-after": ["5"] }, NOW)).toBe(5000);
    expect(retryAfter({ "retry-after": ["5", "6"] }, NOW)).toBe(undefined);
    expect(retryAfter({ "retry-after": undefined }, NOW)).toBe(undefined);
    expect(retryAfter({ get: "5" }, NOW)).toBe(undefined);
    expect(retryAfter({}, NOW)).toBe(undefined);
  });

  test("reads every time in all three forms, whatever the local time zone", () => {
    const second = fc.integer({ min: Date.UTC(1970, 0, 1) / 1000, max: Date.UTC(2069, 0, 1) / 1000 });
    fc.assert(
      fc.property(second, second, (at, from) => {
        const now = from * 1000;
        const utc = new Date(at * 1000).toUTCString();
        const [, day, month, year, time] = utc.split(" ");
        const expected = Math.max(0, at * 1000 - now);
        expect(read(utc, now)).toBe(expected);
        expect(read(`Sun ${month} ${day?.replace(/^0/, " ")} ${time} ${year}`, now)).toBe(expected);
        // Two digits cannot say more than 50 years ahead; what they say instead has passed.
        const ahead = at * 1000 - now < 49 * 365.25 * 86_400_000;
        const sameCentury = Math.floor(new Date(now).getUTCFullYear() / 100) === Math.floor(Number(year) / 100);
        if (ahead && sameCentury) {
          expect(read(`Sunday, ${day}-${month}-${year?.slice(2)} ${time} GMT`, now)).toBe(expected);
        }
      }),
    );
  });

  test("gives a duration or nothing for any text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9:., A-Za-z-]{0,40}$/)), (text) => {
        const value = read(text);
        expect(value === undefined || value >= 0).toBe(true);
      }),
    );
  });
});
