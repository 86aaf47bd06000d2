/// <reference lib="esnext.disposable" preserve="true" />
import type { Sendable } from "./sendable.ts";

/** How bytes went to a provider. */
export type Method = "url" | "upload" | "parts" | "data-uri" | "base64" | "stream";

/** Where what was sent can be found, and how it went there. */
export interface Reference<Raw = unknown> {
  /** What to give to the model: an id, an address, a data URI. */
  readonly value: string;
  readonly method: Method;
  readonly size?: number;
  /** When the provider forgets it. */
  readonly expiresAt?: Date;
  /** Why it went this way, in words for people. */
  readonly reason: string;
  /** The provider's own answer. */
  readonly raw?: Raw;
}

/** What every provider is: a name, a way to send bytes there, and connections that disposing closes. */
export interface Provider extends AsyncDisposable {
  readonly name: string;
  /** Sends it the best way there is. */
  send(input: Sendable, options?: never): Promise<Reference>;
}
