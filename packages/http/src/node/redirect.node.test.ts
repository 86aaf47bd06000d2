import type { IncomingMessage } from "node:http";
import { streamSource } from "@sluice/source";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { patternSource } from "../../test-support/pattern.ts";
import { type Running, serve, serveTls, trustTestCertificate } from "../../test-support/servers.ts";
import { bytesBody } from "../bytes-body.ts";
import type { HttpClient } from "../http-client.ts";
import { multipartBody } from "../multipart-body.ts";
import { createClient } from "./create-client.ts";

beforeAll(trustTestCertificate);

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

async function described(request: IncomingMessage): Promise<string> {
  let size = 0;
  for await (const chunk of request) size += (chunk as Buffer).length;
  return JSON.stringify({ method: request.method, url: request.url, size, headers: request.headers });
}

/** A server that answers `/<status>?to=<address>` with that redirect, and anything else with what it was asked. */
async function redirecting(start = serve): Promise<Running> {
  const server = await start(async (request, response) => {
    const url = new URL(String(request.url), "http://x");
    const status = Number(url.pathname.slice(1));
    const text = await described(request);
    if (status > 0) response.writeHead(status, { location: url.searchParams.get("to") ?? "" }).end("moved");
    else response.end(text);
  });
  open.push(server);
  return server;
}

function clientOf(baseUrl: string): HttpClient {
  const client = createClient({
    baseUrl,
    headers: { authorization: "Bearer planted-key", "x-api-key": "planted-key", "user-agent": "mine" },
    retry: false,
  });
  open.push(client);
  return client;
}

interface Asked {
  method: string;
  url: string;
  size: number;
  headers: Record<string, string>;
}

describe("a redirect", () => {
  test.each([301, 302, 303, 307, 308])("%i of a GET is followed", async (status) => {
    const server = await redirecting();
    const reply = await clientOf(server.url).request("GET", `/${status}`, { idempotent: true, query: { to: "/end" } });
    expect(await reply.json<Asked>()).toMatchObject({
      method: "GET",
      url: "/end",
      headers: { "x-api-key": "planted-key" },
    });
    expect(reply.url).toBe(`${server.url}/end`);
  });

  test.each([307, 308])("%i of a POST sends its body again", async (status) => {
    const server = await redirecting();
    const told: number[] = [];
    const body = multipartBody({ data: patternSource({ size: 700_000 }) });
    const reply = await clientOf(server.url).request("POST", `/${status}`, {
      idempotent: false,
      query: { to: "/end" },
      body,
      onSent: (bytes) => told.push(bytes),
    });
    const { method, size, headers } = await reply.json<Asked>();
    expect({ method, size, type: headers["content-type"] }).toEqual({
      method: "POST",
      size: body.size,
      type: body.type,
    });
    expect(told.reduce((sum, bytes) => sum + bytes)).toBe(body.size);
    expect(told).toContain(-Number(body.size));
  });

  test("303 of a POST becomes a GET without a body", async () => {
    const server = await redirecting();
    const body = bytesBody(patternSource({ size: 1_000 }));
    const reply = await clientOf(server.url).request("POST", "/303", {
      idempotent: false,
      query: { to: "/end" },
      body,
    });
    const { method, size, headers } = await reply.json<Asked>();
    expect({ method, size, type: headers["content-type"] }).toEqual({ method: "GET", size: 0 });
  });

  test.each([
    [301, "/end", "POST is not repeated for it"],
    [302, "/end", "POST is not repeated for it"],
    [307, "ftp://elsewhere/", "it leads to no address"],
    [307, "/307?to=/end", undefined],
  ])("%i to %s of a POST", async (status, to, refused) => {
    const server = await redirecting();
    const body = bytesBody(patternSource({ size: 10 }));
    const request = clientOf(server.url).request("POST", `/${status}`, { idempotent: true, query: { to }, body });
    if (refused === undefined) expect((await request).status).toBe(200);
    else await expect(request).rejects.toMatchObject({ status, message: expect.stringContaining(refused) });
  });

  test("does not send a body from a stream again", async () => {
    const server = await redirecting();
    const body = bytesBody(streamSource([new Uint8Array(10)]));
    await expect(
      clientOf(server.url).request("POST", "/307", { idempotent: true, query: { to: "/end" }, body }),
    ).rejects.toMatchObject({ status: 307, message: expect.stringContaining("comes from a stream") });
  });

  test("to another origin carries no credential", async () => {
    const [server, other] = [await redirecting(), await redirecting()];
    const reply = await clientOf(server.url).request("GET", "/302", {
      idempotent: true,
      query: { to: `${other.url}/end` },
      headers: { cookie: "session=planted-key", accept: "text/plain" },
    });
    const { headers } = await reply.json<Asked>();
    expect(JSON.stringify(headers)).not.toContain("planted-key");
    expect(headers).toMatchObject({ accept: "text/plain", "user-agent": "mine" });
    expect(reply.url).toBe(`${other.url}/end`);
  });

  test("from https: to http: is refused, to https: it is not", async () => {
    const [plain, secure] = [await redirecting(), await redirecting(serveTls)];
    await expect(
      clientOf(secure.url).request("GET", "/302", { idempotent: true, query: { to: `${plain.url}/end` } }),
    ).rejects.toThrow("it leads from https: to http:");
    const reply = await clientOf(plain.url).request("GET", "/302", {
      idempotent: true,
      query: { to: `${secure.url}/e` },
    });
    expect(reply.status).toBe(200);
  });

  test("that leads nowhere but on ends", async () => {
    const server = await serve((_, response) => response.writeHead(302, { location: "/again" }).end());
    open.push(server);
    await expect(clientOf(server.url).request("GET", "/", { idempotent: true })).rejects.toThrow("it is one too many");
  });
});
