import type { Socket } from "node:net";
import type { Dispatcher } from "undici";
import Agent from "undici/lib/dispatcher/agent.js";
import { createConnector } from "./connector.ts";

/** Connections of our own, and what is known about them. */
export interface OwnAgent {
  dispatcher(): Dispatcher | Promise<Dispatcher>;
  /** The TCP socket of a connection: itself, or the one under TLS. */
  tcpOf(socket: Socket): Socket;
  close(): Promise<void>;
}

export interface AgentOptions {
  readonly connectTimeout: number;
  readonly allowH2: boolean;
  /** True for what the environment says. */
  readonly proxy: boolean | string;
}

/** Makes the pool of one client. Timeouts are the client's own, but for connections that nobody waits for any more. */
export function createAgent({ connectTimeout, allowH2, proxy }: AgentOptions): OwnAgent {
  const shared = { allowH2, headersTimeout: 0, bodyTimeout: 0 };
  if (proxy !== false) {
    const limit = connectTimeout === Number.POSITIVE_INFINITY ? 0 : connectTimeout;
    return proxyAgent(proxy, { ...shared, connectTimeout: limit, requestTls: { allowH2 } });
  }
  const { connect, tcpOf, close } = createConnector(connectTimeout, allowH2);
  const agent = new Agent({ ...shared, connect });
  return {
    dispatcher: () => agent,
    tcpOf,
    async close() {
      close();
      await agent.destroy();
    },
  };
}

/** What only few need is loaded when the first request goes out. */
function proxyAgent(proxy: true | string, options: object): OwnAgent {
  let loading: Promise<Dispatcher> | undefined;
  let closed = false;
  const load = async (): Promise<Dispatcher> => {
    const { EnvHttpProxyAgent, ProxyAgent } = await import("undici");
    if (closed) throw new Error("The client was closed");
    return proxy === true ? new EnvHttpProxyAgent(options) : new ProxyAgent({ ...options, uri: proxy });
  };
  return {
    dispatcher() {
      loading ??= load();
      return loading;
    },
    tcpOf: (socket) => socket,
    async close() {
      closed = true;
      const agent = await loading?.catch(() => undefined);
      await agent?.destroy();
    },
  };
}
