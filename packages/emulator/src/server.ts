import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock } from "./clock.ts";
import { Exchange } from "./exchange.ts";
import type { FaultAction } from "./fault-rule.ts";
import type { FaultRules } from "./faults.ts";
import type { Api, Provider } from "./provider.ts";
import { type Reply, sendReply } from "./reply.ts";
import { newRequestId } from "./request-id.ts";
import { logRequest, pathOf, type RequestRecord, withoutCredentials } from "./request-log.ts";
import { matchRoute } from "./router.ts";

/** What the server puts together. */
export interface ServerParts {
  readonly providers: readonly Provider[];
  readonly faults: FaultRules;
  readonly requests: RequestRecord[];
  readonly clock: Clock;
  readonly control: Api;
  readonly cors: boolean;
}

/** Requests remembered. */
const LOG_LIMIT = 10_000;
/** What is read and dropped before a refusal is sent, since a client that is still writing may not see it. */
const DRAIN_LIMIT = 1024 ** 3;

/** Makes the HTTP server; it does not listen yet. */
export function createEmulatorServer(parts: ServerParts): Server {
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 0 }, (request, response) => {
    serve(request, response, parts).catch(() => {
      // Only a connection that is gone, or a reply that failed half-way, ends here: there is nobody to tell.
      response.destroy();
    });
  });
  server.on("clientError", refuseMalformed);
  return server;
}

async function serve(request: IncomingMessage, response: ServerResponse, parts: ServerParts): Promise<void> {
  const url = URL.parse(request.url ?? "", "http://emulator");
  const path = url?.pathname ?? "/";
  const method = request.method ?? "GET";
  const provider = parts.providers.find(({ prefix }) => isUnder(path, prefix));
  const api = isUnder(path, parts.control.prefix) ? parts.control : provider;
  const found = api && matchRoute(api.routes, method, path.slice(api.prefix.length));
  const fault = provider && found?.route && parts.faults.pick(provider.name, found.route);
  const record: RequestRecord = {
    id: newRequestId(),
    at: parts.clock.now(),
    method,
    path: url === null ? path : pathOf(url),
    provider: provider?.name,
    route: found?.route?.name,
    headers: withoutCredentials(request.headers),
    fault,
    bytesReceived: 0,
    status: undefined,
    outcome: "open",
  };
  if (api !== parts.control) logRequest(parts.requests, record, LOG_LIMIT);
  const exchange = new Exchange(request, response, {
    url: url ?? new URL("http://emulator/"),
    record,
    fault: fault ?? {},
    params: found?.params ?? {},
  });

  const answer = async (): Promise<Reply> => {
    if (parts.cors && method === "OPTIONS") return { status: 204, text: "" };
    if (api === undefined || found === undefined) return { status: 404, json: { error: `Nothing at ${path}` } };
    try {
      const injected = fault && provider && faultReply(fault, provider, record.id);
      if (injected !== undefined) return injected;
      api.authorize(exchange);
      return found.route ? await found.route.handle(exchange) : api.noRoute(method, path, found.allowed, record.id);
    } catch (error) {
      return api.failed(error, record.id);
    }
  };
  const reply = await answer();
  await exchange.body.drain(DRAIN_LIMIT);
  const cors = parts.cors ? corsHeaders(request) : {};
  await sendReply(exchange, withRetryAfter(reply, fault), { ...cors, ...api?.headers(exchange) });
}

/** The reply that a fault gives in place of the work; undefined where it lets the work be done. */
function faultReply(
  { status, body, softError, retryAfter }: FaultAction,
  provider: Provider,
  requestId: string,
): Reply | undefined {
  if (softError !== undefined) return provider.softError(softError, "An injected fault", requestId);
  if (status === undefined && body === undefined && retryAfter === undefined) return undefined;
  const code = status ?? (retryAfter === undefined ? 200 : 429);
  if (body === undefined) return provider.refused(code, "An injected fault", retryAfter, requestId);
  return typeof body === "string" ? { status: code, text: body } : { status: code, json: body };
}

function withRetryAfter(reply: Reply, fault: FaultAction | undefined): Reply {
  if (fault?.retryAfter === undefined) return reply;
  const { retryAfter } = fault;
  const headers = { "retry-after-ms": String(retryAfter), "retry-after": String(Math.ceil(retryAfter / 1000)) };
  return { ...reply, headers: { ...reply.headers, ...headers } };
}

function isUnder(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}

function corsHeaders({ headers }: IncomingMessage): Record<string, string> {
  return {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
    "access-control-allow-headers": headers["access-control-request-headers"] ?? "*",
    "access-control-expose-headers": "*",
  };
}

/** Answers what is not HTTP, or has oversized headers, before any provider can be told from it. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const tooLarge = error.code === "HPE_HEADER_OVERFLOW";
  const status = tooLarge ? "431 Request Header Fields Too Large" : "400 Bad Request";
  const message = tooLarge ? "The request's headers are too large" : "The request is not valid HTTP";
  const body = JSON.stringify({ error: { message, type: "invalid_request_error", param: null, code: null } });
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
}
