import mime from "mime/lite";

/** Anything but what leads elsewhere, or is no text. */
const SEGMENT = /^(?!\.{1,2}$)[^/\\\p{Cc}]{1,255}$/u;

/** A name that no other file has, with the right extension: that of its own name where it means something. */
export function uniqueName({ name = "", type = "" }: { name?: string | undefined; type?: string | undefined }): string {
  return `${crypto.randomUUID()}.${extensionOf(name, type) ?? "bin"}`;
}

/** The extension that a file should have; undefined where nothing tells. */
export function extensionOf(name: string, type: string): string | undefined {
  const [, own] = /\.([a-z0-9]{1,10})$/i.exec(name) ?? [];
  const known = own !== undefined && mime.getType(own) !== null;
  // Of no type at all it says "".
  const byType = type === "application/octet-stream" ? undefined : mime.getExtension(type) || undefined;
  return known ? own : (byType ?? own);
}

/**
 * The folder that a file goes to, without the slashes around it.
 *
 * @throws {TypeError | RangeError} when it is none.
 */
export function checkUploadPath(action: string, given: unknown): string {
  if (typeof given !== "string") {
    throw new TypeError(`Cannot ${action}: "uploadPath" must be a string, received ${typeof given}`);
  }
  const path = given.replaceAll(/^\/+|\/+$/g, "");
  if (path.split("/").every((segment) => SEGMENT.test(segment))) return path;
  throw new RangeError(
    `Cannot ${action}: "uploadPath" must be folders with "/" between them, received ${JSON.stringify(given)}`,
  );
}

/** @throws {TypeError | RangeError} when it is given, and is no name. */
export function checkFileName(action: string, given: unknown): asserts given is string | undefined {
  if (given === undefined) return;
  if (typeof given !== "string") {
    throw new TypeError(`Cannot ${action}: "fileName" must be a string, received ${typeof given}`);
  }
  if (SEGMENT.test(given)) return;
  throw new RangeError(
    `Cannot ${action}: "fileName" must be a name of at most 255 characters without slashes, received ${JSON.stringify(given)}`,
  );
}
