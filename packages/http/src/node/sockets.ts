import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

/** What undici publishes when it begins to write a request. */
interface SendHeaders {
  readonly request: { readonly body?: unknown };
  readonly socket: Socket & { alpnProtocol?: string | false | null };
}

/**
 * Where a body has its listener. No WeakMap: V8 looks at one only when it collects all of the heap, and each request would
 * stay until then.
 */
const LISTENER: unique symbol = Symbol("listener");

interface Heard {
  [LISTENER]?: (socket: Socket) => void;
}

let subscribed = false;

/**
 * Tells on which HTTP/1.1 connection a body goes out, by undici's documented diagnostics channel: its API has no other
 * way to the socket. A stream of HTTP/2 shares its connection with others and is none of the callers' to cut.
 *
 * @param body The request's own, and nobody else's.
 */
export function onConnection(body: object, listener: (socket: Socket) => void): void {
  (body as Heard)[LISTENER] = listener;
  if (subscribed) return;
  subscribed = true;
  subscribe("undici:client:sendHeaders", (message) => {
    const { request, socket } = message as SendHeaders;
    // Requests of others are published here too.
    if (request.body && typeof request.body === "object" && socket.alpnProtocol !== "h2") {
      (request.body as Heard)[LISTENER]?.(socket);
    }
  });
}
