import type { Socket } from "node:net";
import type { buildConnector } from "undici";
import build from "undici/lib/core/connect.js";

/** Makes undici's connections, and knows what lies under them. */
export interface Connector {
  readonly connect: buildConnector.connector;
  /** The TCP socket of a connection: itself, or the one under TLS. */
  tcpOf(socket: Socket): Socket;
  /** Cuts the connections that are still being made. */
  close(): void;
}

/**
 * TLS goes over a TCP socket of our own, as undici itself does behind a proxy: Node resets TCP sockets only, and a
 * request that is aborted in its body must not look like one that ended.
 */
export function createConnector(timeout: number, allowH2: boolean): Connector {
  const limit = timeout === Number.POSITIVE_INFINITY ? 0 : timeout;
  const tcp = build({ timeout: limit });
  const tls = build({ timeout: limit, allowH2 });
  const under = new WeakMap<Socket, Socket>();
  const connecting = new Set<Socket>();

  /** `buildConnector` returns its socket, which undici's types do not say. */
  function track(started: unknown): void {
    const socket = started as Socket;
    connecting.add(socket);
    for (const event of ["connect", "secureConnect", "close"]) socket.once(event, () => connecting.delete(socket));
  }

  return {
    connect(options, callback) {
      const secure = options.protocol === "https:";
      const port = options.port || (secure ? "443" : "80");
      const plain = { ...options, port, protocol: "http:" };
      delete plain.servername;
      track(
        tcp(plain, (...[error, socket]) => {
          if (error || !secure) return callback(...([error, socket] as Parameters<buildConnector.Callback>));
          track(
            tls({ ...options, port, httpSocket: socket as Socket }, (...[failed, wrapped]) => {
              if (failed) socket?.destroy();
              else under.set(wrapped as Socket, socket as Socket);
              callback(...([failed, wrapped] as Parameters<buildConnector.Callback>));
            }),
          );
        }),
      );
    },
    tcpOf: (socket) => under.get(socket) ?? socket,
    close() {
      for (const socket of connecting) socket.destroy();
    },
  };
}
