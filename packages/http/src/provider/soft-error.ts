/** What is known of a reply that says "failed" in an HTTP status that says "fine". */
export interface SoftFailure {
  provider: string;
  /** What was to be done, such as `upload "talk.mp4"`. */
  action: string;
  /** The provider's own words. */
  reason: string;
  /** The provider's own code. */
  providerCode?: string | number | undefined;
  status?: number | undefined;
  requestId?: string | undefined;
  /** Milliseconds that the server asks to be left alone. */
  retryAfter?: number | undefined;
  /** The reply's body. Must be free of secrets. */
  body?: unknown;
  retryable?: boolean | undefined;
}

/** A provider answered with an HTTP status of success, and a body that says that it failed. */
export class SoftError extends Error {
  override readonly name = "SoftError";
  readonly code = "soft-error";
  readonly retryable: boolean;
  /** The provider's own code. */
  readonly providerCode: string | number | undefined;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly retryAfter: number | undefined;
  readonly body: unknown;

  constructor(failure: SoftFailure) {
    const { provider, action, reason, providerCode, status, requestId, retryAfter, body, retryable = false } = failure;
    const known = [providerCode !== undefined && `code ${providerCode}`, requestId && `request ${requestId}`];
    const note = known.filter(Boolean).join(", ");
    super(`Cannot ${action}: ${provider} answered "${reason}"${note && ` (${note})`}`);
    this.retryable = retryable;
    this.providerCode = providerCode;
    this.status = status;
    this.requestId = requestId;
    this.retryAfter = retryAfter;
    this.body = body;
  }
}
