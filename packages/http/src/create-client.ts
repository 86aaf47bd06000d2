import { Client } from "./client.ts";
import { type ClientOptions, resolveOptions, type Settings } from "./client-options.ts";
import type { HttpClient } from "./http-client.ts";
import type { Transport } from "./transport.ts";

/** Chooses the transport for a client, of one runtime. */
export type ChooseTransport = (options: ClientOptions, settings: Settings) => Transport;

/** Makes a client with the transport of a runtime. */
export function createClientWith(choose: ChooseTransport, options: ClientOptions): HttpClient {
  const settings = resolveOptions(options);
  return new Client(settings, choose(options, settings));
}
