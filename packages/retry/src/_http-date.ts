/** C's asctime, obsolete: `Sun Nov  6 08:49:37 1994`. */
const ASCTIME = /^\w+ (...) (..) (\S+) (\d+)$/;
/** The day of the other two: `Sun, 06 Nov 1994 08:49:37 GMT` and, obsolete, `Sunday, 06-Nov-94 08:49:37 GMT`. */
const WEEKDAY = /^\w+, /;
const FIFTY_YEARS = 50 * 365.25 * 86_400_000;

/**
 * The milliseconds from `now` to an HTTP date in any of the three forms of RFC 9110, section 5.6.7; 0 when it has passed,
 * `undefined` when it is none. The day of the week is not looked at.
 *
 * `Date.parse` alone would take asctime for local time, put the two-digit years 50 to 99 into the last century, and make
 * 3 March of 31 February; so it is given the one form that ECMAScript defines, and must give the same text back.
 */
export function untilHttpDate(text: string, now: number): number | undefined {
  let date = text.replace(ASCTIME, "$2 $1 $4 $3 GMT").replace(WEEKDAY, "").replace(/^ /, "0").replaceAll("-", " ");
  const twoDigits = date.length === 22;
  if (twoDigits) date = date.slice(0, 7) + new Date(now).toISOString().slice(0, 2) + date.slice(7);
  const time = new Date(date);
  if (time.toUTCString().slice(5) !== date) return undefined;
  const left = time.getTime() - now;
  // RFC 9110: with two digits, what seems more than 50 years ahead is in the past.
  return twoDigits && left > FIFTY_YEARS ? 0 : Math.max(left, 0);
}
