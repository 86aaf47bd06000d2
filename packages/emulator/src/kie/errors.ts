import type { Reply } from "../reply.ts";
import { RequestRefused } from "../request-refused.ts";

/** Uploads and jobs live on two hosts, and say that something is wrong in two ways. */
export type Host = "upload" | "api";

/** A failure as kie.ai tells it: a code, which looks like an HTTP status, and a sentence. */
export class KieError extends Error {
  override readonly name = "KieError";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** What is wrong with a request that lacks something. */
export function missing(parameter: string): KieError {
  return new KieError(400, `Missing required parameter: ${parameter}`);
}

/** Puts failures into the words of a host; `soft` is whether they come with an HTTP status of success. */
export function failureReply(error: unknown, host: Host, soft: boolean): Reply {
  if (error instanceof RequestRefused) return failureReply(new KieError(error.status, error.message), host, soft);
  if (!(error instanceof KieError)) {
    const message = error instanceof Error ? error.message : String(error);
    return failureReply(new KieError(500, `Internal server error: ${message}`), host, soft);
  }
  const { code, message: msg } = error;
  const json = host === "upload" ? { success: false, code, msg } : { code, msg, data: null };
  // Not every code is an HTTP status: 433 and 455 are, in form; others get the one that is closest.
  return { status: soft ? 200 : code >= 400 && code < 600 ? code : 500, json };
}

/** What a fault says: members of both hosts' envelopes, since a fault does not know which one it is for. */
export function faultEnvelope(code: number, msg: string): Record<string, unknown> {
  return { success: false, code, msg, data: null };
}
