import { type HttpClient, HttpError } from "@sluice/http";
import { SoftError } from "@sluice/http/provider";

/** OneAI answered with a failure status, and said why. */
export class OneAiError extends HttpError {
  override readonly name: string = "OneAiError";
  /** The service's own code, of five digits, such as 40011. */
  readonly providerCode: number;
  /** What it says besides its message. */
  readonly details: string | undefined;

  constructor(error: HttpError, said: Said) {
    const { method, url, status, retryAfter, body, retryable, reached } = error;
    const requestId = said.requestId ?? error.requestId;
    const reason = `the server answered ${status}: ${said.reason} (code ${said.code})`;
    super({ code: "http", method, url, reason, status, requestId, retryAfter, body, retryable, reached });
    this.providerCode = said.code;
    this.details = said.details;
  }
}

/** What the body of a failure says. */
export interface Said {
  readonly code: number;
  readonly reason: string;
  readonly details: string | undefined;
  readonly requestId: string | undefined;
}

/** Reads the body of a failure; undefined where it is none of OneAI's. */
function saidIn(body: unknown): Said | undefined {
  const { status_code: code, message, details, request_id: requestId } = Object(body) as Record<string, unknown>;
  if (typeof code !== "number" || typeof message !== "string") return undefined;
  const more = typeof details === "string" && details !== "" ? details : undefined;
  return {
    code,
    reason: more === undefined ? message : `${message}: ${more}`,
    details: more,
    requestId: typeof requestId === "string" && requestId !== "" ? requestId : undefined,
  };
}

/** A client whose errors have OneAI's own words, code and request id. */
export function speakingClient(client: HttpClient): HttpClient {
  return {
    async request(method, path, options) {
      try {
        return await client.request(method, path, options);
      } catch (error) {
        const said = error instanceof HttpError && error.code === "http" ? saidIn(error.body) : undefined;
        throw said ? new OneAiError(error as HttpError, said) : error;
      }
    },
    close: () => client.close(),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

/**
 * Whether the service has certainly not run a pipeline: it was not reached, it has too much to do (429, or its own code
 * for it), or could not retrieve the URL. All else may have been run, and billed.
 */
export function isRefusal(error: unknown): boolean {
  const { reached, status, providerCode = saidIn(Object(error).body)?.code } = Object(error) as Partial<OneAiError>;
  return reached === false || status === 429 || providerCode === 50001 || providerCode === 50002;
}

/** A failure inside a reply that came with a status of success. */
export function softError(action: string, body: unknown, requestId: string | undefined, status?: number): SoftError {
  const { error, result, status: word } = Object(body) as Record<string, unknown>;
  // The documentation has it in `error`, where the official clients look is `result`.
  const said = saidIn(error) ?? saidIn(result) ?? saidIn(body);
  const told = typeof error === "string" && error !== "" ? error : `the status ${JSON.stringify(word)}`;
  return new SoftError({
    provider: "OneAI",
    action,
    reason: said?.reason ?? told,
    providerCode: said?.code,
    requestId: said?.requestId ?? requestId,
    status,
    body,
    retryable: said !== undefined && [50001, 50002, 60009].includes(said.code),
  });
}
