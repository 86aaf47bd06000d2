import { createServer, type Socket } from "node:net";
import { SizeMismatchError } from "@sluice/source";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { patternSource } from "../../test-support/pattern.ts";
import { run, serve, serveTls, trustTestCertificate } from "../../test-support/servers.ts";
import { bytesBody } from "../bytes-body.ts";
import { HttpError } from "../http-error.ts";
import { jsonBody } from "../json-body.ts";
import { multipartBody } from "../multipart-body.ts";
import { createClient } from "./create-client.ts";

const MiB = 1024 ** 2;

beforeAll(trustTestCertificate);

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

/** A server that answers the first connection by writing `text` and hanging up, and all later ones properly. */
async function brokenOnce(text: string, { reset = false } = {}) {
  let count = 0;
  const server = await run(
    createServer((socket) => {
      socket.once("data", () => {
        count += 1;
        const first = count === 1;
        socket.write(first ? text : 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"fine"', () => {
          if (first && reset) socket.resetAndDestroy();
          else if (first) socket.destroySoon();
        });
      });
    }),
    "http",
  );
  open.push(server);
  // Not a virtual clock: it would run ahead of the network.
  const client = createClient({ baseUrl: server.url, retry: { base: 0 } });
  open.push(client);
  return { client, requests: () => count };
}

const CUT = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"id":';

describe("a reply that is lost or cut off", () => {
  test.each([
    ["no byte, FIN", "", {}],
    ["no byte, RST", "", { reset: true }],
    ["half a status line", "HTTP/1.1 20", {}],
    ["half a body", CUT, {}],
    ["half a body, RST", CUT, { reset: true }],
    ["no HTTP", "SSH-2.0-OpenSSH_9.2\r\n", {}],
  ])("(%s) is asked for again where that does no harm", async (_, text, how) => {
    const { client, requests } = await brokenOnce(text, how);
    const reply = await client.request("GET", "/a", { idempotent: true });
    expect(await reply.json()).toBe("fine");
    expect(requests()).toBe(2);
  });

  test.each([
    ["no byte", "", "http", undefined],
    ["half a body", CUT, "bad-reply", 200],
  ])("(%s) is an HttpError where it might", async (_, text, code, status) => {
    const { client, requests } = await brokenOnce(text);
    const error = await client.request("POST", "/a", { body: jsonBody(1), idempotent: false }).catch((error) => error);
    expect(error).toBeInstanceOf(HttpError);
    expect(error).toMatchObject({ code, status, retryable: true, reached: true, method: "POST" });
    expect(requests()).toBe(1);
  });

  test("of unknown length fails when it is read", async () => {
    const { client } = await brokenOnce('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"id"');
    const reply = await client.request("GET", "/a", { idempotent: true });
    await expect(reply.json()).rejects.toMatchObject({ code: "bad-reply", status: 200, retryable: true });
  });
});

test("a connection that is refused is tried again even where the request may do something", async () => {
  const server = await serve((_, response) => response.end());
  await server[Symbol.asyncDispose]();
  const client = createClient({ baseUrl: server.url });
  open.push(client);
  let attempts = 0;
  const onRetry = (): void => {
    attempts += 1;
  };
  const retry = { attempts: 3, base: 0, onRetry };
  const error = await client
    .request("POST", "/", { body: jsonBody(1), idempotent: false, retry })
    .catch((error) => error);
  expect(error).toMatchObject({ code: "http", status: undefined, reached: false, retryable: true });
  expect(error.message).toContain("ECONNREFUSED");
  expect(attempts).toBe(2);
});

describe("an early reply", () => {
  test.each([serve, serveTls])("is what the caller sees, and the source is read no more (%o)", async (start) => {
    const server = await start((request, response) => {
      request.once("data", () => {
        request.pause();
        response.writeHead(413, { connection: "close" }).end('{"error":"too big"}');
      });
    });
    open.push(server);
    const client = createClient({ baseUrl: server.url, retry: false });
    open.push(client);
    let reads = 0;
    const body = bytesBody(patternSource({ size: 1024 * MiB, onRead: () => (reads += 1) }));
    const error = await client.request("POST", "/", { body, idempotent: true }).catch((error) => error);
    expect(error).toMatchObject({ status: 413, body: { error: "too big" } });
    const then = reads;
    expect(then).toBeLessThan(100);
    await new Promise((resolve) => setImmediate(resolve));
    expect(reads).toBe(then);
  });

  test("stops the body also where the server would take all of it", async () => {
    const server = await serve((request, response) => {
      request.resume();
      request.once("data", () => {
        response.writeHead(413).write('{"error":');
        // Time for a gigabyte.
        setTimeout(() => response.end('"too big"}'), 400);
      });
    });
    open.push(server);
    const client = createClient({ baseUrl: server.url, retry: false });
    open.push(client);
    let read = 0;
    const source = patternSource({
      size: 4096 * MiB,
      onRead(position) {
        read = position;
      },
    });
    const error = await client
      .request("POST", "/", { body: bytesBody(source), idempotent: true })
      .catch((error) => error);
    expect(error).toMatchObject({ status: 413, body: { error: "too big" } });
    expect(read).toBeLessThan(20 * MiB);
  });

  test("leaves the client usable", async () => {
    const server = await serve((request, response) => {
      if (request.method === "GET") return response.end('"well"');
      response.writeHead(401).end("{}");
    });
    open.push(server);
    const client = createClient({ baseUrl: server.url });
    open.push(client);
    for (let round = 0; round < 3; round += 1) {
      const body = multipartBody({ data: patternSource({ size: 20 * MiB }) });
      await expect(client.request("POST", "/", { body, idempotent: true })).rejects.toMatchObject({ status: 401 });
      expect(await (await client.request("GET", "/", { idempotent: true })).json()).toBe("well");
    }
  });
});

describe("a body of other than its size", () => {
  test.each([
    ["fewer bytes, by position", { size: 3 * MiB, actual: 2 * MiB }],
    ["fewer bytes, as a stream", { size: 3 * MiB, actual: 2 * MiB, chunk: 65_536 }],
    ["more bytes, as a stream", { size: 2 * MiB, actual: 3 * MiB, chunk: 65_536 }],
  ])("(%s) fails the request with both numbers, and resets the connection", async (_, options) => {
    const ended = Promise.withResolvers<string>();
    const server = await serve((request, response) => {
      request.on("data", () => {});
      request.on("end", () => response.end("{}"));
      request.on("error", () => {});
      request.socket.on("error", (error: NodeJS.ErrnoException) => ended.resolve(String(error.code)));
      request.socket.on("end", () => ended.resolve("ended"));
    });
    open.push(server);
    const client = createClient({ baseUrl: server.url });
    open.push(client);
    const body = bytesBody(patternSource(options));
    const error = await client.request("POST", "/", { body, idempotent: true }).catch((error) => error);
    expect(error).toBeInstanceOf(SizeMismatchError);
    expect(error.expected).toBe(options.size);
    expect(Math.abs(error.received - options.actual)).toBeLessThan(MiB);
    expect(await ended.promise).toBe("ECONNRESET");
  });

  test("of a source that fails rejects with its reason", async () => {
    const server = await serve((request) => request.resume());
    open.push(server);
    const client = createClient({ baseUrl: server.url });
    open.push(client);
    const reason = Object.assign(new Error("the file changed"), { code: "source-changed" });
    const source = patternSource({
      size: 5 * MiB,
      onRead(position) {
        if (position > 0) throw reason;
      },
    });
    await expect(client.request("POST", "/", { body: bytesBody(source), idempotent: true })).rejects.toBe(reason);
  });

  test("onSent may throw: the request fails with what it threw", async () => {
    const server = await serve((request) => request.resume());
    open.push(server);
    const client = createClient({ baseUrl: server.url });
    open.push(client);
    const reason = new Error("mine");
    const request = client.request("POST", "/", {
      body: bytesBody(patternSource({ size: 5 * MiB })),
      idempotent: true,
      onSent() {
        throw reason;
      },
    });
    await expect(request).rejects.toBe(reason);
  });
});

test("a body of unknown size goes out in chunks, one of none with a length of 0", async () => {
  const server = await serve(async (request, response) => {
    let size = 0;
    for await (const chunk of request) size += (chunk as Buffer).length;
    const { "content-length": length, "transfer-encoding": encoding } = request.headers;
    response.end(JSON.stringify({ size, length, encoding }));
  });
  open.push(server);
  const client = createClient({ baseUrl: server.url });
  open.push(client);
  const stream = { ...patternSource({ size: 300_000, chunk: 7_000 }), size: undefined };
  const chunked = await client.request("POST", "/", { body: bytesBody(stream), idempotent: true });
  expect(await chunked.json()).toEqual({ size: 300_000, encoding: "chunked" });
  const empty = await client.request("PUT", "/", { body: bytesBody(patternSource({ size: 0 })), idempotent: true });
  expect(await empty.json()).toEqual({ size: 0, length: "0" });
});

test("a reply that nobody reads gives its connection back when it is small, and is not lost when it is large", async () => {
  const server = await serve((request, response) => {
    response.end(request.url === "/large" ? Buffer.alloc(5 * MiB, 7) : "{}");
  });
  open.push(server);
  const client = createClient({ baseUrl: server.url });
  open.push(client);
  for (let round = 0; round < 10; round += 1) await client.request("GET", "/small", { idempotent: true });
  expect(server.sockets.size).toBe(1);
  const reply = await client.request("GET", "/large", { idempotent: true, maxReply: 6 * MiB });
  expect((await reply.bytes()).every((byte) => byte === 7)).toBe(true);
  const [socket] = server.sockets as Set<Socket>;
  const cancelled = await client.request("GET", "/large", { idempotent: true });
  await cancelled.stream().cancel();
  if (socket && !socket.destroyed) await new Promise((resolve) => socket.once("close", resolve));
  expect(server.sockets.size).toBe(0);
});
