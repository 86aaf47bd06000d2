import { decodeBase64 } from "@sluice/base64";
import { headerOf, type MessageHeaders, staleness } from "@sluice/http/provider";
import { collectBytes } from "@sluice/streams";

/** A callback as it arrived: a `Request`, or its headers and its body. */
export interface CallbackMessage {
  readonly headers: MessageHeaders;
  /** As text, as bytes, as a stream, or parsed. */
  readonly body: unknown;
}

/** How a callback is verified. */
export interface VerifyOptions {
  /** What the service signs with. @default the client's */
  webhookKey?: string | undefined;
  /**
   * How far the sender's clock may be off, and how long a message may have been on its way, in milliseconds.
   * @default 300_000
   */
  tolerance?: number | undefined;
  /** The most bytes of a body. @default 16_777_216 */
  maxBytes?: number | undefined;
  /** @default the client's clock */
  now?: (() => number) | undefined;
}

/** What a callback's signature vouches for, and nothing more. */
export interface VerifiedCallback {
  /** The job that something has happened to; read it, as `task(taskId)`, to know what. */
  readonly taskId: string;
  readonly sentAt: Date;
}

/** A message that claims to be a callback of kie.ai's, and is not to be believed. */
export class CallbackRefusedError extends Error {
  override readonly name = "CallbackRefusedError";
  readonly code = "callback-refused";
  readonly retryable = false;
  /** What is wrong with it. */
  readonly reason: "headers" | "timestamp" | "signature" | "body";

  constructor(reason: CallbackRefusedError["reason"], message: string) {
    super(`Cannot accept the callback: ${message}`);
    this.reason = reason;
  }
}

const TIMESTAMP = "x-webhook-timestamp";
const SIGNATURE = "x-webhook-signature";

/**
 * Verifies who sent a callback, when, and about which job. What else it says is not signed, and not given out.
 *
 * @throws {CallbackRefusedError} when it is not to be believed. {TypeError} without a key.
 */
export async function verifyCallback(
  message: CallbackMessage | Request,
  { webhookKey, tolerance = 300_000, maxBytes = 16 * 1024 * 1024, now = Date.now }: VerifyOptions,
): Promise<VerifiedCallback> {
  if (typeof webhookKey !== "string" || webhookKey === "") {
    throw new TypeError('Cannot verify a callback: "webhookKey" must be a text. Set it, or KIE_WEBHOOK_HMAC_KEY');
  }
  const [timestamp, signature] = [TIMESTAMP, SIGNATURE].map((name) => {
    const value = headerOf(message.headers, name);
    if (value === undefined) throw new CallbackRefusedError("headers", `it has no header "${name}"`);
    return value;
  }) as [string, string];
  const stale = staleness(timestamp, tolerance, now());
  if (stale !== undefined) throw new CallbackRefusedError("timestamp", stale);
  const taskId = taskIdIn(await contentOf(message.body, maxBytes));
  if (taskId === undefined) throw new CallbackRefusedError("body", "it names no job");
  if (!(await isSigned(webhookKey, signature, `${taskId}.${timestamp}`))) {
    throw new CallbackRefusedError("signature", "its signature is not right: it is not from kie.ai, or was changed");
  }
  return { taskId, sentAt: new Date(Number(timestamp) * 1000) };
}

/** Compares in constant time, as WebCrypto does. */
async function isSigned(secret: string, signature: string, signed: string): Promise<boolean> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["verify"]);
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = decodeBase64(signature.trim());
  } catch {
    return false;
  }
  return crypto.subtle.verify("HMAC", key, bytes, encoder.encode(signed));
}

/** Where the id of the job has been seen: in `data`, or beside it. */
function taskIdIn(body: unknown): string | undefined {
  const { data, taskId, task_id } = Object(body) as Record<string, unknown>;
  const inner = Object(data) as Record<string, unknown>;
  const ids = [inner["taskId"], inner["task_id"], taskId, task_id];
  return ids.find((id): id is string => typeof id === "string" && id !== "");
}

async function contentOf(body: unknown, limit: number): Promise<unknown> {
  if (typeof body === "string") return parse(body);
  if (body instanceof Uint8Array || body instanceof ArrayBuffer) return parse(new TextDecoder().decode(body));
  if (typeof (Object(body) as Partial<ReadableStream>).getReader !== "function") return body;
  const bytes = await collectBytes(body as ReadableStream<Uint8Array>, { limit }).catch((error: unknown) => {
    if (Object(error).code !== "too-large") throw error;
    throw new CallbackRefusedError("body", `it has more than ${limit} bytes`);
  });
  return parse(new TextDecoder().decode(bytes));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
