import { randomBytes } from "node:crypto";
import { KieError, missing } from "./errors.ts";
import { extensionFor } from "./media-types.ts";

/** What may not stand in a path: it would lead elsewhere, or be no text. */
const FORBIDDEN = /[\\\p{Cc}]/u;
const LONGEST = 1024;

/** The folder that a request names, without the slashes around it. */
export function folderOf(value: unknown, required: boolean): string {
  if (value === undefined || value === null || value === "") {
    if (required) throw missing("uploadPath");
    return "";
  }
  if (typeof value !== "string") throw new KieError(400, "Invalid parameter: uploadPath must be a string");
  const folder = value.replaceAll(/^\/+|\/+$/g, "");
  if (folder === "" && required) throw missing("uploadPath");
  if (folder !== "" && !folder.split("/").every(isSegment)) {
    throw new KieError(400, `Invalid parameter: uploadPath "${value.slice(0, 100)}"`);
  }
  return folder;
}

/** The name that a request gives; undefined where the service is to make one: left out, `null` or empty. */
export function givenName(value: unknown): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string" || value.includes("/") || !isSegment(value)) {
    throw new KieError(400, `Invalid parameter: fileName ${JSON.stringify(value)?.slice(0, 100)}`);
  }
  return value;
}

/** A name as the service makes them, such as `1785851950940-y7bb45dmkh.png`. */
export function generatedName(now: Date, originalName: string | undefined, type: string): string {
  const chance = Array.from(randomBytes(10), (byte) => (byte % 36).toString(36)).join("");
  return `${now.getTime()}-${chance}.${extensionFor(originalName, type)}`;
}

function isSegment(text: string): boolean {
  return text !== "" && text !== "." && text !== ".." && text.length <= LONGEST && !FORBIDDEN.test(text);
}
