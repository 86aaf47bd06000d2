import type { Dispatcher } from "undici";
import type { ClientOptions, Settings } from "../client-options.ts";
import { createClientWith } from "../create-client.ts";
import { describe } from "../describe.ts";
import { fetchTransport } from "../fetch-transport.ts";
import type { HttpClient } from "../http-client.ts";
import type { Transport } from "../transport.ts";
import { createAgent } from "./agent.ts";
import { undiciTransport } from "./undici-transport.ts";

/**
 * Makes a client. In Node and Deno it sends by undici, with connections of its own; elsewhere by fetch.
 *
 * @throws {TypeError | RangeError} naming the option that is not what it must be.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { once } from "node:events";
 * import { createServer } from "node:http";
 * import type { AddressInfo } from "node:net";
 * import { createClient, jsonBody } from "@sluice/http";
 *
 * const server = createServer((request, response) => request.pipe(response)).listen(0, "127.0.0.1");
 * await once(server, "listening");
 * const { port } = server.address() as AddressInfo;
 *
 * const client = createClient({ baseUrl: `http://127.0.0.1:${port}/v1` });
 * const reply = await client.request("POST", "/echo", { body: jsonBody({ text: "weir" }), idempotent: true });
 * assert.deepEqual(await reply.json(), { text: "weir" });
 * await client.close();
 * server.close();
 * ```
 */
export function createClient(options: ClientOptions = {}): HttpClient {
  return createClientWith(chooseTransport, options);
}

function chooseTransport(options: ClientOptions, { clock, timeouts }: Settings): Transport {
  const { fetch, dispatcher, proxy = false, allowH2 = false } = options;
  const given = [fetch && "fetch", dispatcher && "dispatcher", proxy && "proxy"].filter(Boolean);
  if (given.length > 1) {
    throw new TypeError(
      `Cannot create a client: only one of ${given.map((name) => `"${name}"`).join(" and ")} can be given`,
    );
  }
  if (typeof allowH2 !== "boolean") {
    throw new TypeError(`Cannot create a client: "allowH2" must be a boolean, received ${describe(allowH2)}`);
  }
  if (fetch) return fetchTransport({ fetch, streams: true });
  if (dispatcher) {
    if (typeof dispatcher.dispatch !== "function") {
      throw new TypeError(
        `Cannot create a client: "dispatcher" must be one of undici's, received ${describe(dispatcher)}`,
      );
    }
    return undiciTransport(dispatcher as unknown as Dispatcher, clock);
  }
  return undiciTransport(createAgent({ connectTimeout: timeouts.connect, allowH2, proxy: checkedProxy(proxy) }), clock);
}

function checkedProxy(proxy: unknown): boolean | string {
  if (typeof proxy === "boolean") return proxy;
  const url = typeof proxy === "string" || proxy instanceof URL ? URL.parse(proxy) : null;
  if (url && /^(https?|socks5?):$/.test(url.protocol)) return url.href;
  // Not shown: it may hold a password.
  throw new TypeError(
    `Cannot create a client: "proxy" must be true or the absolute URL of a proxy, received ${describe(proxy)}`,
  );
}
