import { decodeBase64 } from "./decode-base64.ts";
import { normalizedMediaType } from "./media-type.ts";

/** What a data URI holds. */
export interface ParsedDataUri {
  /** The media type, normalized; `text/plain;charset=US-ASCII` where the URI names none. */
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A text is no data URI, or its base64 is malformed: then `cause` is a `MalformedBase64Error`. */
export class MalformedDataUriError extends SyntaxError {
  override readonly name = "MalformedDataUriError";
  readonly code = "malformed-data-uri";
  readonly retryable = false;

  constructor(problem: string, options?: ErrorOptions) {
    super(`Cannot parse the data URI: ${problem}`, options);
  }
}

/**
 * Reads a data URI as browsers do: the Fetch standard's `data:` URL processor, base64 or percent-encoded.
 *
 * @param uri A `URL`, or text of any length; it need not pass through `URL`, which some runtimes limit to 1 MiB.
 * @throws {MalformedDataUriError} when it is none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseDataUri } from "@sluice/base64";
 *
 * const { type, bytes } = parseDataUri("data:text/plain;charset=UTF-8;base64,d2Vpcg==");
 * assert.equal(type, "text/plain;charset=UTF-8");
 * assert.equal(new TextDecoder().decode(bytes), "weir");
 * assert.throws(() => parseDataUri("https://example.com"), { code: "malformed-data-uri" });
 * ```
 */
export function parseDataUri(uri: string | URL): ParsedDataUri {
  const text = asUrlParserLeavesIt(String(uri));
  if (!/^data:/i.test(text)) throw new MalformedDataUriError('expected it to start with "data:"');
  const fragment = text.indexOf("#");
  const end = fragment < 0 ? text.length : fragment;
  const comma = text.indexOf(",");
  if (comma < 0 || comma >= end) throw new MalformedDataUriError('expected a "," before the data');

  const body = percentDecoded(text.slice(comma + 1, end));
  const header = text
    .slice(5, comma)
    .toWellFormed()
    .replace(/[^ -~]/gu, encodeURIComponent)
    .trim();
  const base64 = /; *base64$/i.exec(header);
  const given = base64 ? header.slice(0, base64.index) : header;
  const type = normalizedMediaType(given.startsWith(";") ? `text/plain${given}` : given);
  return { type: type ?? "text/plain;charset=US-ASCII", bytes: base64 ? decoded(body) : body };
}

function decoded(body: Uint8Array): Uint8Array<ArrayBuffer> {
  try {
    return decodeBase64(body, { mode: "forgiving" });
  } catch (cause) {
    throw new MalformedDataUriError("its base64 is malformed", { cause });
  }
}

/** Without the characters that URL parsing drops. Only a `data:` URL with a slash has parts that it looks into. */
function asUrlParserLeavesIt(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 32) start += 1;
  while (end > start && text.charCodeAt(end - 1) <= 32) end -= 1;
  const kept = text.slice(start, end).replace(/[\t\n\r]+/g, "");
  return /^data:\//i.test(kept) ? (URL.parse(kept)?.href ?? "") : kept;
}

function percentDecoded(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  if (!text.includes("%")) return bytes;
  let to = 0;
  for (let from = 0; from < bytes.length; from += 1) {
    const high = bytes[from] === 37 ? hexDigit(bytes[from + 1]) : -1;
    const low = hexDigit(bytes[from + 2]);
    const isEscape = high >= 0 && low >= 0;
    bytes[to++] = isEscape ? high * 16 + low : (bytes[from] as number);
    if (isEscape) from += 2;
  }
  return bytes.slice(0, to);
}

/** The value of a hexadecimal digit, or a negative number. */
function hexDigit(code = 0): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
