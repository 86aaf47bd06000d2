import type { ReplyHeaders } from "./reply-headers.ts";

const SMALL_REPLY = 64 * 1024;

/**
 * Whether a reply is so small that it is received before the request counts as answered: a connection that dies in it is a
 * failure to retry.
 */
export function isSmallReply(headers: ReplyHeaders): boolean {
  const length = headers.get("content-length");
  return length !== null && Number(length) <= SMALL_REPLY;
}
