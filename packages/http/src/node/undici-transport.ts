import type { Socket } from "node:net";
import type { Clock } from "@sluice/retry";
import type { Dispatcher } from "undici";
import type { Transport } from "../transport.ts";
import type { OwnAgent } from "./agent.ts";
import { BufferPool } from "./buffer-pool.ts";
import { UndiciExchange } from "./undici-exchange.ts";

/**
 * Sends by undici's dispatcher. Node's own `fetch` keeps all of a streamed body for redirects, and goes on pulling its
 * source when it is aborted.
 *
 * @param agent Connections of the client's own; or a dispatcher that the user brought, of which it is not known when a
 * chunk has been written, and which is not ours to close.
 * @param bufferSize For tests.
 */
export function undiciTransport(agent: OwnAgent | Dispatcher, clock: Clock, bufferSize?: number): Transport {
  const own = "tcpOf" in agent ? agent : undefined;
  const pool = own && new BufferPool(bufferSize);
  const tcpOf = own?.tcpOf ?? ((socket: Socket) => socket);
  return {
    // What comes compressed would have to be inflated, and its size is not bounded by what came over the line.
    defaults: { "accept-encoding": "identity", "user-agent": "sluice" },
    async send(outgoing) {
      const dispatcher = "tcpOf" in agent ? await agent.dispatcher() : agent;
      outgoing.signal.throwIfAborted();
      return new UndiciExchange({ outgoing, clock, pool, tcpOf }).send(dispatcher);
    },
    async close() {
      pool?.clear();
      await own?.close();
    },
  };
}
