import type { Reply } from "../reply.ts";
import { RequestRefused } from "../request-refused.ts";

/** What the service's own codes stand for, and the HTTP status that each comes with. */
const CODES: Readonly<Record<number, readonly [status: number, message: string]>> = {
  40001: [400, "The language is not supported"],
  40002: [400, "The input is empty"],
  40003: [400, "The input type is not valid for the skill"],
  40004: [400, "The conversation cannot be parsed"],
  40005: [400, "The input type is not supported"],
  40006: [400, "No channels were found in the input"],
  40007: [400, "HTML has to be made text first"],
  40008: [400, "The input cannot be parsed"],
  40009: [400, "The input is not of the content type that was given"],
  40010: [400, "The VTT cannot be parsed"],
  40011: [400, "Voice has to be transcribed first"],
  40012: [400, "The transcription failed"],
  50000: [500, "Internal server error"],
  50001: [500, "The URL cannot be retrieved"],
  50002: [503, "The service is overloaded"],
  50003: [500, "Internal server error"],
  50004: [500, "Internal server error"],
  50005: [500, "Internal server error"],
  60001: [401, "The API key is missing"],
  60002: [401, "The API key was not found"],
  60003: [403, "The daily quota of the key is used up"],
  60004: [403, "The monthly quota of the key is used up"],
  60005: [403, "The daily quota of the organization is used up"],
  60006: [403, "The monthly quota of the organization is used up"],
  60007: [403, "The API key has expired"],
  60008: [403, "The skill is not allowed for this key"],
  60009: [429, "There are too many concurrent connections"],
  60010: [403, "The organization is suspended"],
  60011: [403, "The transcription quota is used up"],
};

/** The code for a status that a fault asks for. */
const CODE_OF_STATUS: Readonly<Record<number, number>> = {
  400: 40008,
  401: 60002,
  403: 60003,
  429: 60009,
  500: 50000,
  503: 50002,
};

/** The body of a failure: five digits, what they mean, and what is wrong this time. */
export interface ErrorBody {
  readonly status_code: number;
  readonly message: string;
  readonly details: string;
  readonly request_id: string;
}

/** A failure as OneAI tells it. */
export class OneAiError extends Error {
  override readonly name = "OneAiError";
  readonly status: number;
  readonly code: number;
  readonly details: string;

  constructor(code: number, details = "", { status, message }: { status?: number; message?: string } = {}) {
    const [usual, meaning] = CODES[code] ?? [500, "Unknown error"];
    super(message ?? meaning);
    this.code = code;
    this.status = status ?? usual;
    this.details = details;
  }

  body(requestId: string): ErrorBody {
    return { status_code: this.code, message: this.message, details: this.details, request_id: requestId };
  }
}

/** Whether the service has such a code. */
export function isErrorCode(code: unknown): boolean {
  return Object.hasOwn(CODES, String(code));
}

/** A failure with an HTTP status for which the sheet may have no code of five digits: then one is made up of it. */
export function ofStatus(status: number, message: string): OneAiError {
  return new OneAiError(CODE_OF_STATUS[status] ?? status * 100, "", { status, message });
}

/** What was thrown, in the provider's words. */
export function toOneAiError(error: unknown): OneAiError {
  if (error instanceof OneAiError) return error;
  if (error instanceof RequestRefused) {
    return error.status === 400
      ? new OneAiError(40008, error.message)
      : new OneAiError(error.status * 100, error.message, { status: error.status, message: "The request was refused" });
  }
  return new OneAiError(50000, `The emulator failed: ${error instanceof Error ? error.message : String(error)}`);
}

/** The reply to anything that was thrown. */
export function errorReply(error: unknown, requestId: string): Reply {
  const failure = toOneAiError(error);
  return { status: failure.status, json: failure.body(requestId) };
}
