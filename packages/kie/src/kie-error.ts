import { HttpError } from "@sluice/http";

/** kie.ai answered with a failure status, and said why. */
export class KieError extends HttpError {
  override readonly name: string = "KieError";
  /** The service's own code, which looks like an HTTP status and need not be that of the reply. */
  readonly providerCode: number;

  constructor(error: HttpError, { code, msg }: { readonly code: number; readonly msg: string }) {
    const { method, url, status, requestId, retryAfter, body, reached } = error;
    const reason = `the server answered ${status}: ${msg} (code ${code})`;
    const retryable = error.retryable || mayPass(code);
    super({ code: "http", method, url, reason, status, requestId, retryAfter, body, retryable, reached });
    this.providerCode = code;
  }
}

/** The same failure with the service's own code, where it said one. */
export function withProviderCode(error: unknown): unknown {
  if (!(error instanceof HttpError) || error.code !== "http") return error;
  const { code, msg } = Object(error.body) as { code?: unknown; msg?: unknown };
  return typeof code === "number" && typeof msg === "string" ? new KieError(error, { code, msg }) : error;
}

/**
 * Whether a request that failed with this code may go well at another time: too slow, too many, maintenance (455), or the
 * server's fault; but not a generation that failed (501), nor a feature that is switched off (505).
 */
export function mayPass(code: number): boolean {
  return [408, 429, 455].includes(code) || (code >= 500 && code < 600 && code !== 501 && code !== 505);
}
