import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { virtualClock } from "@sluice/retry/testing";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { patternSource } from "../../test-support/pattern.ts";
import { type Running, run, serve, serveHttp2, serveTls, trustTestCertificate } from "../../test-support/servers.ts";
import { bytesBody } from "../bytes-body.ts";
import { jsonBody } from "../json-body.ts";
import { createClient } from "./create-client.ts";

const GiB = 1024 ** 3;

beforeAll(trustTestCertificate);

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A server that reads nothing, and how its first connection ends. */
async function deafServer(start: typeof serve | typeof serveTls): Promise<{ server: Running; end: Promise<string> }> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const server = await start((request) => {
    request.pause();
    request.on("error", () => {});
    // Errors show on a socket only while it is read.
    setTimeout(() => request.resume(), 50);
    request.socket.on("error", (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    request.socket.on("end", () => resolve("ended"));
  });
  open.push(server);
  return { server, end: promise };
}

describe.each([
  ["TCP", serve],
  ["TLS", serveTls],
] as const)("an abort in the body, over %s,", (_, start) => {
  test("resets the connection, reads no more and rejects with the reason", async () => {
    const { server, end } = await deafServer(start);
    const clock = virtualClock();
    const client = createClient({ baseUrl: server.url, clock });
    open.push(client);
    const abort = new AbortController();
    const reason = { why: "the user left" };
    let reads = 0;
    let handed = 0;
    const body = bytesBody(patternSource({ size: GiB, onRead: () => (reads += 1) }));
    const request = client.request("POST", "/", {
      body,
      idempotent: true,
      signal: abort.signal,
      onSent: (bytes) => (handed += bytes),
    });
    request.catch(() => {});
    while (handed < 1024 ** 2) await turn();
    abort.abort(reason);
    const readsThen = reads;
    await expect(request).rejects.toBe(reason);
    expect(await end).toBe("ECONNRESET");
    expect(reads).toBe(readsThen);
    expect(clock.pending).toBe(0);
  });

  test("cancels the stream that it was reading", async () => {
    const { server, end } = await deafServer(start);
    const client = createClient({ baseUrl: server.url });
    open.push(client);
    const abort = new AbortController();
    const cancelled = Promise.withResolvers<unknown>();
    const source = patternSource({ size: GiB, chunk: 262_144, replayable: false, onCancel: cancelled.resolve });
    let handed = 0;
    const request = client.request("POST", "/", {
      body: bytesBody(source),
      idempotent: true,
      signal: abort.signal,
      onSent: (bytes) => (handed += bytes),
    });
    request.catch(() => {});
    while (handed < 1024 ** 2) await turn();
    const reason = new Error("stop");
    abort.abort(reason);
    await expect(request).rejects.toBe(reason);
    expect(await cancelled.promise).toBe(reason);
    expect(await end).toBe("ECONNRESET");
  });
});

test("an abort in the body resets the stream of HTTP/2, and leaves the connection to others", async () => {
  const ended = Promise.withResolvers<string>();
  const server = await serveHttp2((request, response) => {
    if (request.url === "/other") return void response.end('"well"');
    request.resume();
    request.on("aborted", () => ended.resolve("aborted"));
    request.on("end", () => ended.resolve("ended"));
  });
  open.push(server);
  const client = createClient({ baseUrl: server.url, allowH2: true });
  open.push(client);
  const abort = new AbortController();
  let handed = 0;
  const request = client.request("POST", "/", {
    body: bytesBody(patternSource({ size: GiB })),
    idempotent: true,
    signal: abort.signal,
    onSent: (bytes) => (handed += bytes),
  });
  request.catch(() => {});
  while (handed === 0) await turn();
  abort.abort(new Error("stop"));
  await expect(request).rejects.toThrow("stop");
  expect(await ended.promise).toBe("aborted");
  expect(await (await client.request("GET", "/other", { idempotent: true })).json()).toBe("well");
  expect(server.sockets.size).toBe(1);
});

describe("an abort", () => {
  test("before the request rejects without a connection", async () => {
    const server = await serve((_, response) => response.end());
    open.push(server);
    const client = createClient({ baseUrl: server.url });
    open.push(client);
    const reason = new Error("early");
    await expect(client.request("GET", "/", { idempotent: true, signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    expect(server.sockets.size).toBe(0);
  });

  test("while the connection is being made rejects at once, and closing leaves no socket", async () => {
    // It accepts, and never shakes hands.
    const accepted = Promise.withResolvers<Socket>();
    const server = await run(
      createServer((socket) => accepted.resolve(socket.resume())),
      "https",
    );
    open.push(server);
    const clock = virtualClock();
    const client = createClient({ baseUrl: server.url, clock });
    const abort = new AbortController();
    const request = client.request("GET", "/", { idempotent: true, signal: abort.signal });
    request.catch(() => {});
    const socket = await accepted.promise;
    abort.abort(new Error("stop"));
    await expect(request).rejects.toThrow("stop");
    expect(clock.pending).toBe(0);
    const closed = once(socket, "close");
    await client.close();
    await closed;
  });

  test("while the reply is waited for, and while it is read", async () => {
    const server = await serve((request, response) => {
      if (request.url === "/silent") return;
      response.writeHead(200).write("the beginning");
    });
    open.push(server);
    const clock = virtualClock();
    const client = createClient({ baseUrl: server.url, clock });
    open.push(client);
    for (const path of ["/silent", "/slow"]) {
      const abort = new AbortController();
      const reply = client.request("POST", path, { body: jsonBody(1), idempotent: true, signal: abort.signal });
      const bytes = reply.then((replied) => replied.bytes());
      bytes.catch(() => {});
      while (server.sockets.size === 0) await turn();
      for (let turns = 0; turns < 20; turns += 1) await turn();
      const reason = new Error(path);
      abort.abort(reason);
      await expect(bytes).rejects.toBe(reason);
      expect(clock.pending).toBe(0);
    }
  });

  test("while a retry is waited for leaves no timer", async () => {
    const server = await serve((_, response) => response.writeHead(503).end());
    open.push(server);
    const clock = virtualClock();
    const retried = Promise.withResolvers<void>();
    const client = createClient({
      baseUrl: server.url,
      clock,
      onEvent: ({ type }) => type === "retry" && retried.resolve(),
    });
    open.push(client);
    const abort = new AbortController();
    const request = client.request("GET", "/", { idempotent: true, signal: abort.signal });
    request.catch(() => {});
    await retried.promise;
    const reason = new Error("stop");
    abort.abort(reason);
    await expect(request).rejects.toBe(reason);
    expect(clock.pending).toBe(0);
  });
});

test("close() cuts what is in flight, and the client takes no more", async () => {
  const server = await serve(() => {});
  open.push(server);
  const client = createClient({ baseUrl: server.url });
  const request = client.request("GET", "/", { idempotent: true });
  request.catch(() => {});
  while (server.sockets.size === 0) await turn();
  await client.close();
  await expect(request).rejects.toThrow("The client was closed");
  expect(() => client.request("GET", "/", { idempotent: true })).toThrow(TypeError);
  await client.close();
});
