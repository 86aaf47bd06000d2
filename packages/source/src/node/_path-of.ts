import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe } from "../_describe.ts";

/** The absolute path of a path or a `file:` URL: what is opened later must not depend on where the process stands then. */
export function pathOf(action: string, path: string | URL): string {
  if (path instanceof URL && path.protocol === "file:") return fileURLToPath(path);
  if (typeof path === "string") return resolve(path);
  const received = (path as unknown) instanceof URL ? `one of ${(path as URL).protocol}` : describe(path);
  throw new TypeError(`Cannot ${action}: "path" must be a path or a file: URL, received ${received}`);
}
