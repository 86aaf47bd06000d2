import { randomBytes, randomUUID } from "node:crypto";

const BASE32 = "0123456789abcdefghjkmnpqrstvwxyz";

/** An id as files have it: the base64 of a UUID's text. */
export function newFileId(): string {
  return Buffer.from(randomUUID()).toString("base64");
}

/** An id as predictions have it: 26 characters of base 32. */
export function newPredictionId(): string {
  return Array.from(randomBytes(26), (byte) => BASE32[byte % 32]).join("");
}

/** What an address holds that is its own key. */
export function newCapability(): string {
  return randomBytes(24).toString("base64url");
}
