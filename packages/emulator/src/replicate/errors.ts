import type { Reply } from "../reply.ts";
import { RequestRefused } from "../request-refused.ts";

/** A failure as Replicate tells it: problem details, of which `detail` is always there. */
export class ReplicateError extends Error {
  override readonly name = "ReplicateError";
  readonly status: number;
  /** Further members of the body. */
  readonly members: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    detail: string,
    {
      title,
      headers = {},
      ...members
    }: { title?: string; headers?: Record<string, string>; [name: string]: unknown } = {},
  ) {
    super(detail);
    this.status = status;
    this.members = title === undefined ? members : { title, ...members };
    this.headers = headers;
  }
}

/** What a request without a token, or with a wrong one, meets; as recorded from the service. */
export function unauthenticated(detail: string): ReplicateError {
  return new ReplicateError(401, detail, { title: "Unauthenticated" });
}

/** An input that is not what the call takes. */
export function invalid(field: string, description: string): ReplicateError {
  return new ReplicateError(422, `- ${field}: ${description}\n`, {
    title: "Input validation failed",
    invalid_fields: [{ type: "invalid", field, description }],
  });
}

/** What a client over its rate meets: the wait stands in the body, in seconds. */
export function throttled(retryAfter = 5000): ReplicateError {
  const seconds = Math.ceil(retryAfter / 1000);
  return new ReplicateError(429, `Request was throttled. Your rate limit resets in ~${seconds}s.`, {
    retry_after: seconds,
  });
}

/** The reply to anything that was thrown. */
export function problem(error: unknown): Reply {
  if (error instanceof ReplicateError) {
    const { status, message, members, headers } = error;
    return {
      status,
      headers: { "content-type": "application/problem+json", ...headers },
      json: { ...members, detail: message, status },
    };
  }
  if (error instanceof RequestRefused) return problem(new ReplicateError(error.status, error.message));
  const message = error instanceof Error ? error.message : String(error);
  return problem(new ReplicateError(500, `The emulator failed: ${message}`));
}
