import { badRequest, OpenAiError } from "./errors.ts";

/** The purposes that the API takes; the SDKs' list, which is longer than the one in the specification. */
const PURPOSES: readonly string[] = ["fine-tune", "assistants", "batch", "user_data", "vision", "evals"];

const EXPIRY = { least: 3600, most: 2_592_000 };
/** Files for batches go after 30 days, all others stay. */
const BATCH_EXPIRY = 2_592_000;

/** A string that must be there. */
export function requireString(value: unknown, param: string): string {
  if (value === undefined || value === null) throw missing(param);
  if (typeof value !== "string") throw invalidType(param, "a string", value);
  if (value === "") throw badRequest(`Invalid '${param}': expected a string that is not empty.`, param);
  return value;
}

/** An integer that must be there, within bounds. */
export function requireInteger(value: unknown, param: string, least: number, most: number): number {
  if (value === undefined || value === null) throw missing(param);
  if (!Number.isSafeInteger(value)) throw invalidType(param, "an integer", value);
  const number = value as number;
  if (number < least || number > most) {
    throw badRequest(`Invalid '${param}': expected a value from ${least} to ${most}, but got ${number}.`, param);
  }
  return number;
}

export function requirePurpose(value: unknown): string {
  const purpose = requireString(value, "purpose");
  if (!PURPOSES.includes(purpose)) {
    const list = PURPOSES.map((known) => `'${known}'`).join(", ");
    throw badRequest(`'${purpose}' is not one of [${list}] - 'purpose'`, "purpose");
  }
  return purpose;
}

/** Seconds that a file lives, from `expires_after` or, without it, from its purpose. */
export function readExpiry(value: unknown, purpose: string): number | undefined {
  if (value === undefined || value === null) return purpose === "batch" ? BATCH_EXPIRY : undefined;
  if (typeof value !== "object") throw invalidType("expires_after", "an object", value);
  const { anchor, seconds } = value as { anchor?: unknown; seconds?: unknown };
  if (anchor !== "created_at") {
    throw badRequest("Invalid 'expires_after[anchor]': expected 'created_at'.", "expires_after[anchor]");
  }
  return requireInteger(seconds, "expires_after[seconds]", EXPIRY.least, EXPIRY.most);
}

/** Refuses members that the API does not know. */
export function refuseOthers(body: Record<string, unknown>, known: readonly string[]): void {
  const other = Object.keys(body).find((key) => !known.includes(key));
  if (other !== undefined) {
    throw new OpenAiError(400, `Unknown parameter: '${other}'.`, { param: other, code: "unknown_parameter" });
  }
}

export function missing(param: string): OpenAiError {
  return new OpenAiError(400, `Missing required parameter: '${param}'.`, {
    param,
    code: "missing_required_parameter",
  });
}

export function invalidType(param: string, expected: string, value: unknown): OpenAiError {
  const received = Array.isArray(value) ? "array" : typeof value;
  return new OpenAiError(400, `Invalid type for '${param}': expected ${expected}, but got ${received}.`, {
    param,
    code: "invalid_type",
  });
}
