import { randomBytes } from "node:crypto";

/** An id for one request, in the form that OpenAI's `x-request-id` has. */
export function newRequestId(): string {
  return `req_${randomBytes(16).toString("hex")}`;
}
