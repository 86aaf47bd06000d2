import { createHash } from "node:crypto";

/** What people call something in the journal. */
export function workId(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 8);
}
