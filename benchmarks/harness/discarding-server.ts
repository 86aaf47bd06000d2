import { type BoundSocket, createServer, type OnReadOpts, Socket } from "node:net";
import { type RequestHead, RequestParser } from "./request-parser.ts";
import { type Route, routes as standardRoutes } from "./routes.ts";

/** Totals since the start. */
export interface ServerCounts {
  /** Body bytes of finished and unfinished requests, chunk framing not counted. */
  readonly bytes: number;
  /** Requests answered. */
  readonly requests: number;
  /** Connections open now. */
  readonly connections: number;
}

/** An HTTP/1.1 server on loopback that reads bodies, counts them and forgets them. */
export interface DiscardingServer {
  /** Base URL, without a slash at its end. */
  readonly url: string;
  counts(): ServerCounts;
  close(): void;
}

const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
const MAX_JSON = 65_536;

/**
 * Starts a server in this process, on a free port of 127.0.0.1. Measurements use it through `server-process.ts`.
 *
 * @param routes What is answered to which request.
 */
export async function startDiscardingServer(routes: readonly Route[] = standardRoutes): Promise<DiscardingServer> {
  let bytes = 0;
  let requests = 0;
  const sockets = new Set<Socket>();
  // The callback is synchronous, so one buffer serves every connection. 256 KiB cost the same, 1 MiB twice the time.
  const buffer = Buffer.allocUnsafeSlow(65_536);

  const server = createServer({ pauseOnConnect: true }, (accepted) => {
    const socket = withBuffer(accepted, {
      buffer,
      callback(length, filled) {
        try {
          parser.push(filled.subarray(0, length));
        } catch (error) {
          socket.write(response("400 Bad Request", { error: String(error) }));
          socket.destroySoon();
        }
        return true;
      },
    });
    let head: RequestHead;
    let bodyBytes = 0;
    let kept: Buffer[] | undefined;
    const parser = new RequestParser({
      head(started) {
        head = started;
        bodyBytes = 0;
        kept = head.headers.get("content-type")?.startsWith("application/json") ? [] : undefined;
        if (head.headers.get("expect")?.toLowerCase() === "100-continue") socket.write(CONTINUE);
      },
      body(chunk) {
        bytes += chunk.length;
        bodyBytes += chunk.length;
        if (bodyBytes > MAX_JSON) kept = undefined;
        kept?.push(Buffer.from(chunk));
      },
      end() {
        requests++;
        const json: unknown = kept?.length ? JSON.parse(Buffer.concat(kept).toString()) : undefined;
        socket.write(response("200 OK", answer(routes, head, bodyBytes, json)));
        if (head.version === "HTTP/1.0" || head.headers.get("connection")?.toLowerCase() === "close") socket.end();
      },
    });
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {}); // a client that resets is no news; "close" follows
    socket.resume();
  });

  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(0, "127.0.0.1", resolve);
  await listening;
  const address = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${address.port}`,
    counts: () => ({ bytes, requests, connections: sockets.size }),
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function answer(routes: readonly Route[], head: RequestHead, bytes: number, json: unknown): object | string {
  const [path = "", query = ""] = head.path.split("?", 2);
  for (const route of routes) {
    if (route.query !== undefined && !query.includes(route.query)) continue;
    const match = route.method === head.method && route.path.exec(path);
    if (match) return route.reply({ bytes, json, captures: match.slice(1) });
  }
  return { bytes };
}

function response(status: string, answer: object | string): string {
  const [type, body] =
    typeof answer === "string"
      ? ['application/xml\r\nETag: "etag"', answer]
      : ["application/json", JSON.stringify(answer)];
  return `HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/**
 * Reads an accepted connection into a buffer of ours. Node offers `onread` to sockets one constructs, but not to those
 * its servers accept, so the connection's handle is moved to a socket of our own. The handle is not public; where it
 * is missing the socket's "data" events serve, at about twice the CPU time (README, "The discarding server").
 */
function withBuffer(accepted: Socket, onread: OnReadOpts): Socket {
  const owner = accepted as unknown as { _handle: object | null };
  const handle = owner._handle;
  if (!handle || !("useUserBuffer" in handle)) {
    return accepted.on("data", (chunk: Buffer) => void onread.callback(chunk.length, chunk));
  }
  owner._handle = null;
  return new Socket({ handle: handle as unknown as BoundSocket, onread });
}
