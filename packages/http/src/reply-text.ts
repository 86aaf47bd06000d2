import type { ReplyHeaders } from "./reply-headers.ts";

/** Bytes of a failed reply's body that are looked at. */
export const EXCERPT_BYTES: number = 64 * 1024;
/** Characters of a text that stand in a message or in `body`. */
const EXCERPT = 300;

/** The beginning of a text on one line; of a page of HTML, what a reader would see of it. */
export function excerpt(text: string): string {
  const seen = /^\s*</.test(text)
    ? text.replaceAll(/<(script|style)\b[\s\S]*?<\/\1>/gi, " ").replaceAll(/<[^>]*>/g, " ")
    : text;
  // Controls could rewrite a terminal.
  const line = seen.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
  return line.length > EXCERPT ? `${line.slice(0, EXCERPT)}…` : line;
}

/**
 * What a provider says went wrong: in `error.message`, `error`, `message`, `msg`, `detail` or `title` of its JSON; problem
 * details of RFC 9457 are among these.
 */
export function providerMessage(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : excerpt(value);
  if (Array.isArray(value)) return providerMessage(value[0]);
  if (value === null || typeof value !== "object") return undefined;
  const record = value as Record<string, unknown>;
  for (const name of ["error", "message", "msg", "detail", "title", "errors"]) {
    const message = providerMessage(record[name]);
    if (message !== undefined) return message;
  }
  return undefined;
}

/** Parses JSON; undefined where it is none. */
export function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

const REQUEST_ID = [
  "x-request-id",
  "request-id",
  "x-amz-request-id",
  "x-amzn-requestid",
  "x-oneai-request-id",
  "cf-ray",
];

/** What a provider's support asks for, where it was said. */
export function requestIdOf(headers: ReplyHeaders): string | undefined {
  for (const name of REQUEST_ID) {
    const value = headers.get(name);
    if (value) return value;
  }
  return undefined;
}
