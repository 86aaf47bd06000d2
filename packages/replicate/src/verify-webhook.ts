import { decodeBase64 } from "@sluice/base64";
import { headerOf, type MessageHeaders, staleness } from "@sluice/http/provider";
import { collectBytes } from "@sluice/streams";
import { isPrediction, normalized, type Prediction } from "./api-objects.ts";

/** A webhook as it arrived: a `Request`, or its headers and its body, untouched. */
export interface WebhookMessage {
  readonly headers: MessageHeaders;
  readonly body: string | Uint8Array | ArrayBuffer | ReadableStream<Uint8Array> | null;
}

/** How a webhook is verified. */
export interface VerifyOptions {
  /** What the service signs with: `whsec_…`. */
  secret: string;
  /**
   * How far the sender's clock may be off, and how long a message may have been on its way, in milliseconds.
   * @default 300_000
   */
  tolerance?: number | undefined;
  /** The most bytes of a body. @default 16_777_216 */
  maxBytes?: number | undefined;
  /** @default {Date.now} */
  now?: (() => number) | undefined;
}

/** A message that claims to be a webhook of Replicate's, and is not to be believed. */
export class WebhookRefusedError extends Error {
  override readonly name = "WebhookRefusedError";
  readonly code = "webhook-refused";
  readonly retryable = false;
  /** What is wrong with it. */
  readonly reason: "headers" | "timestamp" | "signature" | "body";

  constructor(reason: WebhookRefusedError["reason"], message: string) {
    super(`Cannot accept the webhook: ${message}`);
    this.reason = reason;
  }
}

/**
 * Verifies who sent a webhook, and when, and gives the prediction in it. The same message may come more than once.
 *
 * @throws {WebhookRefusedError} when it is not to be believed.
 * @throws {TypeError} when the secret is none.
 */
export async function verifyWebhook(message: WebhookMessage | Request, options: VerifyOptions): Promise<Prediction> {
  const { tolerance = 300_000, maxBytes = 16 * 1024 * 1024, now = Date.now } = options;
  const key = await keyOf(options.secret);
  const [id, timestamp, signatures] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => {
    const value = headerOf(message.headers, name);
    if (value === undefined) throw new WebhookRefusedError("headers", `it has no header "${name}"`);
    return value;
  }) as [string, string, string];
  const stale = staleness(timestamp, tolerance, now());
  if (stale !== undefined) throw new WebhookRefusedError("timestamp", stale);
  const body = await bodyOf(message.body, maxBytes);
  const signed = joined(new TextEncoder().encode(`${id}.${timestamp}.`), body);
  if (!(await isSigned(key, signatures, signed))) {
    throw new WebhookRefusedError("signature", "no signature of it is right: it is not from Replicate, or was changed");
  }
  const prediction = parsed(body);
  if (!isPrediction(prediction)) throw new WebhookRefusedError("body", "it holds no prediction");
  return normalized(prediction);
}

async function keyOf(secret: unknown): Promise<CryptoKey> {
  const wrong = new TypeError('Cannot verify a webhook: "secret" must be "whsec_" and base64, received something else');
  if (typeof secret !== "string") throw wrong;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = decodeBase64(secret.slice(secret.lastIndexOf("_") + 1));
  } catch {
    throw wrong;
  }
  if (bytes.byteLength === 0) throw wrong;
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
}

/** Compares in constant time, as WebCrypto does. Of several signatures, by old and new keys, one has to be right. */
async function isSigned(key: CryptoKey, signatures: string, signed: Uint8Array<ArrayBuffer>): Promise<boolean> {
  for (const each of signatures.split(" ").slice(0, 16)) {
    const [version, signature] = each.split(",");
    if (version !== "v1" || signature === undefined) continue;
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = decodeBase64(signature);
    } catch {
      continue;
    }
    if (await crypto.subtle.verify("HMAC", key, bytes, signed)) return true;
  }
  return false;
}

async function bodyOf(body: WebhookMessage["body"], limit: number): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof body === "string") return new TextEncoder().encode(body);
  if (body instanceof Uint8Array) return new Uint8Array(body);
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  if (body === null) return new Uint8Array(0);
  if (typeof (body as Partial<ReadableStream>)?.getReader !== "function") {
    // What was parsed and written again is not what was signed.
    throw new TypeError(
      `Cannot verify a webhook: "body" must be the text or the bytes as they came, received ${typeof body}`,
    );
  }
  return collectBytes(body, { limit }).catch((error: unknown) => {
    if (Object(error).code !== "too-large") throw error;
    throw new WebhookRefusedError("body", `it has more than ${limit} bytes`);
  });
}

function joined(head: Uint8Array, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(head.byteLength + body.byteLength);
  all.set(head);
  all.set(body, head.byteLength);
  return all;
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}
