import { parse } from "content-disposition";
import { safeName } from "./_safe-name.ts";

/** The length that a message states; undefined when it states none that can be believed. */
export function contentLength(headers: Headers): number | undefined {
  const text = headers.get("content-length");
  if (text === null || !/^\d+$/.test(text)) return undefined;
  const length = Number(text);
  return Number.isSafeInteger(length) ? length : undefined;
}

/** The file name of Content-Disposition (RFC 6266; `filename*`, RFC 8187, before `filename`), without folders. */
export function contentName(headers: Headers): string | undefined {
  const header = headers.get("content-disposition");
  if (header === null) return undefined;
  const { filename } = parse(header).parameters;
  return filename === undefined ? undefined : safeName(utf8(filename));
}

/** Whether something was done to the bytes on the way that their length and ranges do not speak of. */
export function isEncoded(headers: Headers): boolean {
  const coding = headers.get("content-encoding")?.trim().toLowerCase();
  return coding !== undefined && coding !== "" && coding !== "identity";
}

/** Many servers write UTF-8 where the header's Latin-1 is due; what is no UTF-8 was Latin-1 after all. */
function utf8(text: string): string {
  if (!/[\x80-\xff]/.test(text) || /[\u0100-\uffff]/.test(text)) return text;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(text, (char) => char.charCodeAt(0)));
  } catch {
    return text;
  }
}
