import { spawn } from "node:child_process";
import { createServer, request as forward } from "node:http";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { Agent } from "undici";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { firstWrong, patternSource } from "../../test-support/pattern.ts";
import { type Running, run, serve, serveHttp2, serveTls, trustTestCertificate } from "../../test-support/servers.ts";
import { bytesBody } from "../bytes-body.ts";
import { createClient } from "./create-client.ts";

beforeAll(trustTestCertificate);

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

async function check(body: AsyncIterable<Buffer>): Promise<string> {
  let size = 0;
  let wrong = -1;
  for await (const chunk of body) {
    if (wrong < 0) wrong = firstWrong(chunk, size);
    size += chunk.length;
  }
  return JSON.stringify({ size, wrong });
}

/** A proxy that forwards http: and tunnels the rest, and what went through it. */
async function startProxy(): Promise<{ proxy: Running; through: string[] }> {
  const through: string[] = [];
  const server = createServer((incoming, outgoing) => {
    through.push(`${incoming.method} ${incoming.headers["proxy-authorization"] ?? ""}`);
    const { method, headers, url } = incoming;
    const onward = forward(String(url), { method: String(method), headers }, (reply) => {
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  server.on("connect", ({ url, headers }, client: Socket) => {
    through.push(`CONNECT ${headers["proxy-authorization"] ?? ""}`);
    const [host = "", port] = String(url).split(":");
    const onward = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      onward.pipe(client).pipe(onward);
    });
    for (const socket of [onward, client]) socket.on("error", () => {});
    client.on("close", () => onward.destroy());
  });
  const proxy = await run(server, "http");
  open.push(proxy);
  return { proxy, through };
}

describe("proxy", () => {
  const size = 3_000_000;

  test("sends http: and https: through the one given, with its credentials", async () => {
    const { proxy, through } = await startProxy();
    const uri = proxy.url.replace("//", "//me:pass@");
    for (const start of [serve, serveTls]) {
      const server = await start(async (request, response) => response.end(await check(request)));
      open.push(server);
      const client = createClient({ baseUrl: server.url, proxy: uri });
      open.push(client);
      const reply = await client.request("POST", "/", { body: bytesBody(patternSource({ size })), idempotent: true });
      expect(await reply.json()).toEqual({ size, wrong: -1 });
    }
    const credentials = `Basic ${btoa("me:pass")}`;
    expect(through).toEqual([`POST ${credentials}`, `CONNECT ${credentials}`]);
  });

  test("true takes what the environment says", async () => {
    const { proxy, through } = await startProxy();
    const server = await serve((_, response) => response.end("{}"));
    open.push(server);
    const before = process.env["http_proxy"];
    process.env["http_proxy"] = proxy.url;
    try {
      const client = createClient({ baseUrl: server.url, proxy: true });
      open.push(client);
      await client.request("GET", "/", { idempotent: true });
    } finally {
      if (before === undefined) delete process.env["http_proxy"];
      else process.env["http_proxy"] = before;
    }
    expect(through).toEqual(["GET "]);
  });

  test("refuses what is no proxy's address", () => {
    for (const proxy of ["proxy:3128", "/proxy", 7, "ftp://proxy"]) {
      expect(() => createClient({ proxy: proxy as string })).toThrow(
        '"proxy" must be true or the absolute URL of a proxy',
      );
    }
    expect(() => createClient({ proxy: true, fetch })).toThrow('only one of "fetch" and "proxy" can be given');
    expect(() => createClient({ dispatcher: {} as never })).toThrow('"dispatcher" must be one of undici');
    expect(() => createClient({ allowH2: "yes" as never })).toThrow('"allowH2" must be a boolean');
  });
});

describe("allowH2", () => {
  test("sends many requests over one connection", async () => {
    const server = await serveHttp2(async (request, response) => {
      response.end(JSON.stringify({ version: request.httpVersion, size: Number(request.headers["content-length"]) }));
    });
    open.push(server);
    const client = createClient({ baseUrl: server.url, allowH2: true });
    open.push(client);
    const replies = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        const body = bytesBody(patternSource({ size: index * 100_000 }));
        return (await client.request("POST", "/", { body, idempotent: true })).json();
      }),
    );
    expect(replies).toEqual(Array.from({ length: 8 }, (_, index) => ({ version: "2.0", size: index * 100_000 })));
    expect(server.sockets.size).toBe(1);
  });

  test("shows an early reply", async () => {
    const server = await serveHttp2((_, response) => {
      response.writeHead(413);
      response.end('{"error":"too big"}');
    });
    open.push(server);
    const client = createClient({ baseUrl: server.url, allowH2: true, retry: false });
    open.push(client);
    const body = bytesBody(patternSource({ size: 100_000_000 }));
    await expect(client.request("POST", "/", { body, idempotent: true })).rejects.toMatchObject({ status: 413 });
  });

  test("is off by default", async () => {
    const server = await serveTls((request, response) => response.end(JSON.stringify(request.httpVersion)));
    open.push(server);
    const client = createClient({ baseUrl: server.url });
    open.push(client);
    expect(await (await client.request("GET", "/", { idempotent: true })).json()).toBe("1.1");
  });
});

test("dispatcher takes one of undici's, whose buffers are not known to be free, and leaves it open", async () => {
  const server = await serve(async (request, response) => response.end(await check(request)));
  open.push(server);
  const dispatcher = new Agent({ connect: { highWaterMark: 4 * 1024 ** 2 } as object });
  const size = 9_000_000;
  for (let round = 0; round < 2; round += 1) {
    const client = createClient({ baseUrl: server.url, dispatcher });
    const reply = await client.request("POST", "/", { body: bytesBody(patternSource({ size })), idempotent: true });
    expect(await reply.json()).toEqual({ size, wrong: -1 });
    await client.close();
  }
  await dispatcher.close();
});

test("fetch takes Node's own, which sends streams with their length", async () => {
  const server = await serve(async (request, response) => {
    const { "content-length": length } = request.headers;
    response.end(JSON.stringify({ length, checked: await check(request) }));
  });
  open.push(server);
  const client = createClient({ baseUrl: server.url, fetch });
  const size = 3_000_000;
  const reply = await client.request("POST", "/", { body: bytesBody(patternSource({ size })), idempotent: true });
  expect(await reply.json()).toEqual({ length: String(size), checked: JSON.stringify({ size, wrong: -1 }) });
  await client.close();
});

test("a script that does not close its client exits by itself", async () => {
  const server = await serve((request, response) => request.resume().on("end", () => response.end("{}")));
  open.push(server);
  const entry = fileURLToPath(new URL("../../dist/node/index.js", import.meta.url));
  const script = `
    import { bytesBody, createClient } from ${JSON.stringify(entry)};
    const client = createClient({ baseUrl: ${JSON.stringify(server.url)} });
    await (await client.request("POST", "/", { body: bytesBody(new Uint8Array(9)), idempotent: true })).json();
    console.log("done");`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect({ code, text }).toEqual({ code: 0, text: "done\n" });
});
