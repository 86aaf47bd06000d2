import type { ClientOptions } from "./client-options.ts";
import { createClientWith } from "./create-client.ts";
import { fetchTransport } from "./fetch-transport.ts";
import type { HttpClient } from "./http-client.ts";
import { refuseNodeOptions } from "./refuse-node-options.ts";

/**
 * Makes a client that sends by fetch: the runtime's, or the one given.
 *
 * @throws {TypeError | RangeError} naming the option that is not what it must be.
 */
export function createClient(options: ClientOptions = {}): HttpClient {
  return createClientWith((given) => {
    refuseNodeOptions(given);
    return fetchTransport(given.fetch ? { fetch: given.fetch } : {});
  }, options);
}
