import type { Reply } from "../reply.ts";
import { RequestRefused } from "../request-refused.ts";

/** A failure as OpenAI tells it: an HTTP status and `{ error: { message, type, param, code } }`. */
export class OpenAiError extends Error {
  override readonly name = "OpenAiError";
  readonly status: number;
  readonly param: string | null;
  readonly code: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    details: { param?: string; code?: string; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.param = details.param ?? null;
    this.code = details.code ?? null;
    this.headers = details.headers ?? {};
  }
}

/** A request that is wrong in itself: what the official SDKs do not retry. */
export function badRequest(message: string, param: string): OpenAiError {
  return new OpenAiError(400, message, { param });
}

/** What a missing key meets, as recorded from the service. */
export function unauthorized(message: string): OpenAiError {
  return new OpenAiError(401, message, {
    code: "invalid_api_key",
    headers: { "www-authenticate": 'Bearer realm="OpenAI API"' },
  });
}

/** The reply to anything that was thrown. */
export function errorReply(error: unknown): Reply {
  if (error instanceof OpenAiError) {
    const { status, message, param, code, headers } = error;
    return { status, headers, json: { error: { message, type: typeOf(status), param, code } } };
  }
  if (error instanceof RequestRefused) return errorReply(refusal(error));
  const message = error instanceof Error ? error.message : String(error);
  return errorReply(new OpenAiError(500, `The emulator failed: ${message}`));
}

function refusal({ status, message, field }: RequestRefused): OpenAiError {
  return new OpenAiError(status, message, field === undefined ? {} : { param: field });
}

function typeOf(status: number): string {
  if (status === 429) return "rate_limit_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}
