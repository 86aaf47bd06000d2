import { PREFIXES, type ProviderName } from "./provider.ts";

/** Which requests a rule is for; every condition that is given must hold. */
export interface FaultMatch {
  provider?: ProviderName;
  /** A route's name (`uploads.complete`), the beginning of some (`uploads.*`), or its path (`/uploads/{upload_id}/complete`). */
  route?: string;
  method?: string;
  /** Only the nth of the requests that match otherwise, counted from 1; a list for several. */
  nth?: number | readonly number[];
  /** The share of the matching requests, from 0 to 1, drawn with the emulator's seed. */
  rate?: number;
}

/** What happens to a request that a rule hits. Actions combine. */
export interface FaultAction {
  /** Answer with this HTTP status instead of doing the work, in the provider's error shape unless `body` is given. */
  status?: number;
  /** Answer with this instead of doing the work: JSON, or a string as it is. */
  body?: unknown;
  /** Answer HTTP 200 with an error of this code inside, instead of doing the work. */
  softError?: number;
  /** Reset the connection once so many bytes of the request's body (of the reply's, where the request has none) have passed. */
  resetAfterBytes?: number;
  /** Do the work, then reset the connection: a lost reply. */
  resetAfterWork?: boolean;
  /** Stop reading the request's body (writing the reply's, where the request has none) after so many bytes, and stay silent. */
  stallAfterBytes?: number;
  /** Bytes a second at which the body passes. */
  slowTo?: number;
  /** Do the work, promise the whole reply, and close after so many bytes of it; `true` for half. */
  truncateReply?: boolean | number;
  /** Do the work and answer with its status, but with this text; `true` for JSON that breaks off. */
  malformedReply?: boolean | string;
  /** Do the work, then hold the reply back for so many milliseconds. */
  delay?: number;
  /** Milliseconds, sent as `retry-after-ms` and, rounded up to seconds, as `retry-after`; without `status`, with a 429. */
  retryAfter?: number;
}

/** A fault as data: what to do to which requests. */
export interface FaultRule {
  match?: FaultMatch;
  do: FaultAction;
}

type Check = readonly [expected: string, holds: (value: unknown) => boolean];

const count: Check = ["a non-negative integer", (value) => Number.isSafeInteger(value) && (value as number) >= 0];
const positive: Check = ["a positive number", (value) => Number.isFinite(value) && (value as number) > 0];
const duration: Check = ["a non-negative number", (value) => Number.isFinite(value) && (value as number) >= 0];
const flag: Check = ["a boolean", (value) => typeof value === "boolean"];
const text: Check = ["a string", (value) => typeof value === "string"];
const either = (...checks: Check[]): Check => [
  checks.map(([expected]) => expected).join(" or "),
  (value) => checks.some(([, holds]) => holds(value)),
];
const isNth = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 1;

const MATCH: Readonly<Record<keyof FaultMatch, Check>> = {
  provider: [`one of ${Object.keys(PREFIXES).join(", ")}`, (value) => Object.hasOwn(PREFIXES, value as string)],
  route: text,
  method: text,
  nth: ["a positive integer or a list of them", (value) => (Array.isArray(value) ? value.every(isNth) : isNth(value))],
  rate: ["a number from 0 to 1", (value) => typeof value === "number" && value >= 0 && value <= 1],
};

const ACTION: Readonly<Record<keyof FaultAction, Check>> = {
  status: [
    "an integer from 200 to 599",
    (value) => Number.isInteger(value) && Number(value) >= 200 && Number(value) < 600,
  ],
  body: ["anything that JSON can hold", (value) => JSON.stringify(value) !== undefined],
  softError: ["an integer", Number.isInteger],
  resetAfterBytes: count,
  resetAfterWork: flag,
  stallAfterBytes: count,
  slowTo: positive,
  truncateReply: either(flag, count),
  malformedReply: either(flag, text),
  delay: duration,
  retryAfter: duration,
};

/**
 * Checks rules that come from outside.
 *
 * @param isRoute - whether any route answers to a name or pattern
 * @throws {TypeError} for a value of the wrong kind, {@link RangeError} for an unknown name or route
 */
export function checkFaultRules(rules: unknown, isRoute: (route: string) => boolean): asserts rules is FaultRule[] {
  if (!Array.isArray(rules)) throw new TypeError(refusal("rules", "an array", rules));
  for (const [index, rule] of rules.entries()) {
    const at = `rules[${index}]`;
    checkKeys(rule, at, { match: ["an object", isObject], do: ["an object", isObject] });
    const { match = {}, do: action } = rule as FaultRule;
    checkKeys(match, `${at}.match`, MATCH);
    checkKeys(action, `${at}.do`, ACTION);
    if (Object.keys(action ?? {}).length === 0) throw new TypeError(refusal(`${at}.do`, "at least one action", action));
    if (match.route !== undefined && !isRoute(match.route)) {
      throw new RangeError(refusal(`${at}.match.route`, "the name or path of a route", match.route));
    }
  }
}

function checkKeys(value: unknown, at: string, checks: Readonly<Record<string, Check>>): void {
  if (!isObject(value)) throw new TypeError(refusal(at, "an object", value));
  for (const [key, entry] of Object.entries(value)) {
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
    if (check === undefined) throw new RangeError(refusal(at, `one of ${Object.keys(checks).join(", ")}`, key));
    if (entry !== undefined && !check[1](entry)) throw new TypeError(refusal(`${at}.${key}`, check[0], entry));
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refusal(at: string, expected: string, received: unknown): string {
  return `Cannot set faults: "${at}" must be ${expected}, received ${JSON.stringify(received) ?? String(received)}`;
}
