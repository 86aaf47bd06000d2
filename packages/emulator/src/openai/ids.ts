import { randomBytes } from "node:crypto";

/**
 * An id that no other emulator gives out. It does not come from the seed: a client's journal may outlive
 * the emulator, and must not find its upload's id on somebody else's upload in the next one.
 */
export function newId(prefix: "upload_" | "part_" | "file-"): string {
  return prefix + randomBytes(12).toString("hex");
}
