import { browserTransport } from "./browser-transport.ts";
import type { ClientOptions } from "./client-options.ts";
import { createClientWith } from "./create-client.ts";
import { fetchTransport } from "./fetch-transport.ts";
import type { HttpClient } from "./http-client.ts";
import { refuseNodeOptions } from "./refuse-node-options.ts";

/**
 * Makes a client for pages and their workers: bodies go out as Blobs, whose slices are never read into memory; by
 * XMLHttpRequest where progress is asked for, else by fetch.
 *
 * @throws {TypeError | RangeError} naming the option that is not what it must be.
 */
export function createClient(options: ClientOptions = {}): HttpClient {
  return createClientWith((given) => {
    refuseNodeOptions(given);
    return given.fetch ? fetchTransport({ fetch: given.fetch }) : browserTransport();
  }, options);
}
