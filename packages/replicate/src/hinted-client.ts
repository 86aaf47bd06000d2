import { type HttpClient, HttpError } from "@sluice/http";
import type { RetryOptions } from "@sluice/retry";

/** Replicate says in the body of a 429, in seconds, what others say in a header. */
function hintOf(error: unknown): number | undefined {
  if (!(error instanceof HttpError)) return undefined;
  const seconds: unknown = Object(error.body).retry_after;
  return typeof seconds === "number" && seconds >= 0 ? seconds * 1000 : undefined;
}

/** The same rules for trying again, with Replicate's hint as a floor. */
export function hintedRetry(options: RetryOptions | false | undefined): RetryOptions | false {
  if (options === false) return false;
  return {
    ...options,
    retryable(error) {
      const worth = options?.retryable?.(error) ?? Object(error).retryable === true;
      const after = hintOf(error);
      if (worth !== true || after === undefined) return worth;
      return { after: Math.max(after, Number(Object(error).retryAfter ?? 0)) };
    },
  };
}

/** The client, whose errors have Replicate's hint for those who try again themselves. */
export function hintedClient(client: HttpClient): HttpClient {
  return {
    async request(method, path, options) {
      try {
        return await client.request(method, path, options);
      } catch (error) {
        const after = hintOf(error);
        if (after !== undefined && Object(error).retryAfter === undefined)
          Object.assign(error as object, { retryAfter: after });
        throw error;
      }
    },
    close: () => client.close(),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}
