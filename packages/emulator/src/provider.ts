import type { Exchange } from "./exchange.ts";
import type { Reply } from "./reply.ts";

/** The providers that have a place under the emulator's URL. */
export type ProviderName = "openai" | "replicate" | "oneai" | "kie";

/** Where each provider's API begins. */
export const PREFIXES: Readonly<Record<ProviderName, string>> = {
  openai: "/openai/v1",
  replicate: "/replicate/v1",
  oneai: "/oneai",
  kie: "/kie",
};

/** One call of an API. */
export interface Route {
  /** What fault rules and the request log call it, such as `uploads.complete`. */
  readonly name: string;
  readonly method: string;
  /** Below the API's prefix, with `{id}` for a segment that varies, and `{path...}` for all that follows. */
  readonly path: string;
  handle(exchange: Exchange): Reply | Promise<Reply>;
}

/** A group of routes under one prefix, and the shape of what goes wrong in them. */
export interface Api {
  readonly prefix: string;
  readonly routes: readonly Route[];
  /** Throws what `failed` turns into the answer to a request without credentials. */
  authorize(exchange: Exchange): void;
  /** Headers that every reply carries. */
  headers(exchange: Exchange): Record<string, string>;
  /** The answer to a thrown error. */
  failed(error: unknown, requestId: string): Reply;
  /** The answer where no route matches; `allowed` are the methods that the path does have. */
  noRoute(method: string, path: string, allowed: readonly string[], requestId: string): Reply;
}

/** One provider's API, and what faults say in its words. */
export interface Provider extends Api {
  readonly name: ProviderName;
  /** The answer with this status; `retryAfter` in milliseconds, where the client is to wait. */
  refused(status: number, message: string, retryAfter?: number, requestId?: string): Reply;
  /** The answer that fails inside an HTTP 200. */
  softError(code: number, message: string, requestId?: string): Reply;
  /** Stops what goes on between requests. */
  close?(): void;
}
