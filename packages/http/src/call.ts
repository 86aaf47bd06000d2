import { type Clock, retryAfter } from "@sluice/retry";
import { HttpError, type HttpFailure } from "./http-error.ts";
import { NetworkFailure } from "./network-failure.ts";
import type { ReplyHeaders } from "./reply-headers.ts";
import { EXCERPT_BYTES, excerpt, parseJson, providerMessage, requestIdOf } from "./reply-text.ts";
import type { Secrets } from "./secrets.ts";
import type { Received } from "./transport.ts";

/** Statuses that may be another at another time: RFC 9110 (408, 5xx), 8470 (425), 6585 (429). */
function passes(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

/** Causes that no other attempt changes: a certificate that is not trusted, an argument that undici refuses. */
const LASTING = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|ERR_SSL_|UND_ERR_INVALID_ARG)/;

/** What a request is called in its errors, whose every text it strikes secrets out of. */
export class Call {
  readonly method: string;
  readonly secrets: Secrets;
  readonly #clock: Clock;
  #url: URL;

  constructor(method: string, url: URL, secrets: Secrets, clock: Clock) {
    this.method = method;
    this.secrets = secrets;
    this.#clock = clock;
    this.#url = url;
    secrets.addUrl(url);
  }

  /** Without user info, query and secrets. */
  get url(): string {
    return this.addressOf(this.#url);
  }

  /** An address, as it may be shown. */
  addressOf(url: URL): string {
    return `${url.protocol}//${url.host}${this.secrets.redact(url.pathname)}`;
  }

  requestId(headers: ReplyHeaders): string | undefined {
    const id = requestIdOf(headers);
    return id && this.secrets.redact(id).slice(0, 200);
  }

  redirected(url: URL): void {
    this.#url = url;
    this.secrets.addUrl(url);
  }

  error(failure: Omit<HttpFailure, "method" | "url" | "requestId" | "retryAfter">, headers?: ReplyHeaders): HttpError {
    return new HttpError({
      ...failure,
      method: this.method,
      url: this.url,
      reason: this.secrets.redact(failure.reason),
      requestId: headers && this.requestId(headers),
      retryAfter: headers && retryAfter(headers, this.#clock.now()),
    });
  }

  /** No reply, or one that broke off. */
  networkError(error: unknown, head?: Omit<Received, "body">): HttpError {
    const failed: Partial<NetworkFailure> = error instanceof NetworkFailure ? error : { cause: error };
    const { cause, reached = true, reply = head } = failed;
    const safe = this.secrets.redactError(cause);
    return this.error(
      {
        code: reply ? "bad-reply" : "http",
        status: reply?.status,
        reason: `${reply ? "the reply broke off" : "no reply"} (${safe.message || safe.name})`,
        retryable: !LASTING.test(String(Object(cause).code)),
        reached,
        cause: safe,
      },
      reply?.headers,
    );
  }

  /** A reply with a failure status. */
  async statusError({ status, headers, body }: Received): Promise<HttpError> {
    // Struck out before it is cut: half a key is no longer found, and half of it is too much.
    const text = this.secrets.redact(await beginning(body));
    const json = parseJson(text);
    const value = json && this.secrets.redactValue(json.value);
    const said = providerMessage(value) ?? excerpt(text);
    return this.error(
      {
        code: "http",
        status,
        reason: `the server answered ${status}${said === "" ? "" : `: ${said}`}`,
        body: json ? value : excerpt(text) || undefined,
        retryable: passes(status),
        reached: true,
      },
      headers,
    );
  }

  /** A reply that is not what was asked for. */
  badReply({ status, headers }: Omit<Received, "body">, reason: string, text: string, cause?: unknown): HttpError {
    const seen = excerpt(this.secrets.redact(text));
    return this.error(
      {
        code: "bad-reply",
        status,
        reason: `${reason}${seen === "" ? "" : `: ${seen}`}`,
        body: seen || undefined,
        retryable: false,
        reached: true,
        cause,
      },
      headers,
    );
  }
}

/** The beginning of a body as text. What goes wrong with it must not hide the status. */
async function beginning(body: Received["body"]): Promise<string> {
  if (body instanceof Uint8Array) return new TextDecoder().decode(body).slice(0, EXCERPT_BYTES);
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    while (text.length < EXCERPT_BYTES) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    // What has come is what there is to say.
  }
  reader.cancel().catch(() => {});
  return text.slice(0, EXCERPT_BYTES);
}
