import { type Body, type HttpClient, HttpError, type HttpEvent, type Reply } from "@sluice/http";
import { SoftError } from "@sluice/http/provider";
import { type Clock, type RetryOptions, retry, retryAfter, systemClock } from "@sluice/retry";
import type { Confidential } from "./confidential.ts";
import { mayPass, withProviderCode } from "./kie-error.ts";

/** One call of the API. */
interface Call<Data> {
  /** What it is for, to stand behind "Cannot". */
  readonly action: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Body;
  /** Whether it does no harm when the server gets it twice. If not, it goes again only after 429, or if it never left. */
  readonly idempotent: boolean;
  /** Says whether the answer's data has the shape that is wanted. */
  readonly is: (data: unknown) => data is Data;
  /** @default the client's */
  readonly retry?: RetryOptions | false | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onSent?: (bytes: number) => void;
  /** An address in the request, which is not to be quoted as a whole. */
  readonly address?: URL | undefined;
}

/** Calls the API, and gives the data of its answer. */
export type Caller = <Data>(call: Call<Data>) => Promise<Data>;

export interface CallerSettings {
  readonly retry: RetryOptions | false;
  readonly clock: Clock | undefined;
  readonly random: (() => number) | undefined;
  readonly onEvent: ((event: HttpEvent) => void) | undefined;
  readonly confidential: Confidential;
}

/** What every answer is wrapped in. */
interface Envelope {
  readonly code: number;
  readonly success?: unknown;
  readonly msg?: unknown;
  readonly data?: unknown;
}

/**
 * Makes calls of one host. That an answer says "failed" inside of an HTTP 200 is seen here, so it is here, and not in the
 * client below, that a call is tried again.
 */
export function createCaller(http: HttpClient, settings: CallerSettings): Caller {
  const { clock = systemClock, random, onEvent, confidential } = settings;
  return (call) => {
    const { idempotent, body, signal } = call;
    if (call.address) confidential.addUrl(call.address);
    const again = call.retry ?? settings.retry;
    const policy: RetryOptions = again === false ? { attempts: 1 } : again;
    const mayRepeat = (error: unknown) => {
      const { reached, status } = Object(error) as { reached?: unknown; status?: unknown };
      return body?.replayable !== false && (idempotent || reached === false || status === 429);
    };
    return retry((attempt) => send(http, call, attempt.signal, confidential, clock), {
      clock,
      random,
      ...policy,
      signal: signal && policy.signal ? AbortSignal.any([signal, policy.signal]) : (signal ?? policy.signal),
      retryable: (error) => mayRepeat(error) && (policy.retryable?.(error) ?? Object(error).retryable === true),
      onRetry: (event) => {
        const { attempt, error, delay } = event;
        onEvent?.({ type: "retry", method: call.method, url: Object(error).url ?? call.path, attempt, error, delay });
        policy.onRetry?.(event);
      },
    });
  };
}

async function send<Data>(
  http: HttpClient,
  call: Call<Data>,
  signal: AbortSignal,
  confidential: Confidential,
  clock: Clock,
): Promise<Data> {
  const { method, path, query, body, idempotent, onSent, address: secret } = call;
  let reply: Reply;
  let envelope: Envelope;
  try {
    reply = await http.request(method, path, { query, body, idempotent, signal, onSent, secret, retry: false });
    envelope = await reply.json(isEnvelope);
  } catch (error) {
    throw withProviderCode(confidential.strikeOutOf(error));
  }
  const { status, requestId } = reply;
  const { code, success, msg, data } = envelope;
  const shown = () => confidential.strikeOut(envelope);
  if (code !== 200 || success === false || Object(data).success === false) {
    throw new SoftError({
      provider: "kie.ai",
      action: call.action,
      reason: typeof msg === "string" && msg !== "" ? confidential.strikeOut(msg) : "no reason",
      providerCode: code,
      // The status that the reply should have had: it is what those who follow tasks and send files go by.
      status: code >= 400 && code < 600 ? code : status,
      requestId,
      retryAfter: retryAfter(reply.headers, clock.now()),
      body: shown(),
      retryable: mayPass(code),
    });
  }
  if (call.is(data)) return data;
  const reason = "the reply's data is not of the expected shape";
  throw badReply(reason, { method, url: reply.url, status, requestId, body: shown() });
}

/** An answer that is not what was asked for. */
export function badReply(
  reason: string,
  seen: { method: string; url: string; status?: number; requestId?: string | undefined; body: unknown },
): HttpError {
  return new HttpError({ code: "bad-reply", ...seen, reason, retryable: false, reached: true });
}

function isEnvelope(value: unknown): value is Envelope {
  return typeof (Object(value) as Partial<Envelope>).code === "number";
}
