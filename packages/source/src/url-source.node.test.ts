import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { sourceLaws } from "./source-laws.ts";
import { type UrlSourceOptions, urlSource } from "./url-source.ts";

const BODY = Uint8Array.from({ length: 200_000 }, (_, index) => (index * 7) % 251);
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function serve(listener: RequestListener): Promise<{ url: URL; seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    listener(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/files/talk%20one.mp4`), seen };
}

interface Served {
  body: Uint8Array;
  etag: string | undefined;
}

/** What a good server answers, with one version of a body at a time. */
function ranged(state: Served): RequestListener {
  return (request, response) => {
    const { body, etag } = state;
    if (etag) response.setHeader("etag", etag);
    response.setHeader("accept-ranges", "bytes");
    response.setHeader("content-type", "video/mp4");
    const match = request.headers["if-match"];
    if (match && match !== etag) return void response.writeHead(412).end();
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    if (first === undefined) return void response.end(body);
    if (Number(first) >= body.byteLength) {
      return void response.writeHead(416, { "content-range": `bytes */${body.byteLength}` }).end();
    }
    const part = body.subarray(Number(first), Number(last) + 1);
    const until = Number(first) + part.byteLength - 1;
    response.writeHead(206, { "content-range": `bytes ${first}-${until}/${body.byteLength}` }).end(part);
  };
}

const bytes = (stream: ReadableStream) => new Response(stream).bytes();
const quick: UrlSourceOptions = { base: 1 };

test("urlSource of a server with ranges and a strong ETag is replayable, and knows its file after one request", async () => {
  const { url, seen } = await serve(ranged({ body: BODY, etag: '"v1"' }));
  await using source = await urlSource(url);
  expect(source).toMatchObject({
    size: 200_000,
    name: "talk one.mp4",
    type: "video/mp4",
    replayable: true,
    fingerprint: '200000-"v1"',
  });
  expect(seen.map(({ method, headers }) => [method, headers.range])).toEqual([["GET", "bytes=0-0"]]);
  // Node's fetch adds its own to it.
  expect(seen[0]?.headers["accept-encoding"]).toMatch(/^identity(, identity)?$/);
  expect(await bytes(source.stream({ start: 5, end: 150_000 }))).toEqual(BODY.subarray(5, 150_000));
  expect(seen[1]?.headers).toMatchObject({ range: "bytes=5-149999", "if-match": '"v1"', "if-range": '"v1"' });
});

test("urlSource keeps the laws of sources", async () => {
  const state: Served = { body: BODY, etag: '"v"' };
  const { url } = await serve((request, response) => ranged(state)(request, response));
  const create = (body: Uint8Array) => {
    state.body = body;
    return urlSource(url, quick);
  };
  for (const { name, check } of sourceLaws({ create, runs: 10 })) {
    await check().catch((error: unknown) => {
      throw new Error(name, { cause: error });
    });
  }
});

test.each([
  ["a weak ETag", 'W/"v1"'],
  ["no ETag", undefined],
])("urlSource with %s is streamed once, with its size checked", async (_, etag) => {
  const { url } = await serve(ranged({ body: BODY, etag }));
  await using source = await urlSource(url);
  expect(source).toMatchObject({ size: 200_000, replayable: false, fingerprint: undefined });
  expect(await bytes(source.stream())).toEqual(BODY);
  expect(() => source.stream()).toThrow("its bytes come once");
});

test("urlSource of a server without ranges streams the answer that it has", async () => {
  const { url, seen } = await serve((_, response) => void response.setHeader("etag", '"v1"').end(BODY));
  await using source = await urlSource(url);
  expect(source).toMatchObject({ size: 200_000, replayable: false });
  expect(await bytes(source.stream())).toEqual(BODY);
  expect(seen).toHaveLength(1);
});

test("urlSource that is closed without being streamed gives the connection back", async () => {
  const { url, seen } = await serve((_, response) => void response.write(BODY));
  const source = await urlSource(url);
  const gone = new Promise((resolve) => seen[0]?.socket.once("close", resolve));
  await source.close();
  await gone;
});

test("urlSource of an empty file has 0 bytes", async () => {
  const { url } = await serve(ranged({ body: new Uint8Array(), etag: '"v1"' }));
  await using source = await urlSource(url);
  expect(source.size).toBe(0);
  expect(await bytes(source.stream())).toHaveLength(0);
});

test("urlSource does not take the length of an encoded body for that of the bytes", async () => {
  const packed = gzipSync(BODY);
  const { url } = await serve((_, response) => {
    response.setHeader("content-encoding", "gzip").setHeader("content-length", packed.length).end(packed);
  });
  await using source = await urlSource(url);
  expect(source.size).toBeUndefined();
  expect(await bytes(source.stream())).toEqual(BODY);
});

test("urlSource takes a name from Content-Disposition, never a folder", async () => {
  const { url } = await serve((_, response) => {
    response.setHeader("content-disposition", 'attachment; filename="../../etc/passwd"').end("x");
  });
  await using source = await urlSource(url);
  expect(source.name).toBe("passwd");
  await using named = await urlSource(url, { name: "mine", type: "a/b" });
  expect(named).toMatchObject({ name: "mine", type: "a/b" });
});

test("urlSource goes on by range where a download breaks off", async () => {
  const state: Served = { body: BODY, etag: '"v1"' };
  const { url, seen } = await serve((request, response) => {
    if (request.headers.range === "bytes=0-0") return ranged(state)(request, response);
    const start = Number(/\d+/.exec(request.headers.range ?? "")?.[0]);
    response.writeHead(206, {
      etag: '"v1"',
      "content-range": `bytes ${start}-199999/200000`,
      "content-length": 200_000 - start,
    });
    // 60,000 bytes, then the connection is cut.
    response.write(BODY.subarray(start, start + 60_000), () => {
      if (start + 60_000 < 200_000) request.socket.destroy();
      else response.end();
    });
  });
  // Three breaks, and only those without progress are counted.
  await using source = await urlSource(url, { ...quick, attempts: 1 });
  expect(await bytes(source.stream())).toEqual(BODY);
  expect(seen.length).toBeGreaterThan(4);
});

test("urlSource gives up after so many attempts without a byte of progress", async () => {
  let refusals = 0;
  const { url } = await serve((request, response) => {
    if (request.headers.range === "bytes=0-0") return ranged({ body: BODY, etag: '"v1"' })(request, response);
    refusals += 1;
    response.writeHead(503).end();
  });
  await using source = await urlSource(url, { ...quick, attempts: 3 });
  await expect(bytes(source.stream())).rejects.toMatchObject({ code: "http", status: 503, retryable: true });
  expect(refusals).toBe(4);
});

test("urlSource errors when the file changed between two reads", async () => {
  const state: Served = { body: BODY, etag: '"v1"' };
  const { url } = await serve((request, response) => ranged(state)(request, response));
  await using source = await urlSource(url, quick);
  expect(await bytes(source.stream({ end: 10 }))).toHaveLength(10);
  state.etag = '"v2"';
  await expect(bytes(source.stream())).rejects.toMatchObject({
    code: "source-changed",
    retryable: false,
    expected: '"v1", 200000 bytes',
    received: "status 412",
  });
});

const answer = (status: number, headers: Record<string, string>, body: Uint8Array | string = "x") => {
  return (_: IncomingMessage, response: ServerResponse) => void response.writeHead(status, headers).end(body);
};
const good = { etag: '"v1"', "content-range": "bytes 10-19/200000" };
const ten = BODY.subarray(10, 20);

test.each([
  ["another ETag with 206", answer(206, { ...good, etag: '"v2"' }, ten), "source-changed", '"v2"'],
  ["no ETag with 206", answer(206, { "content-range": "bytes 10-19/200000" }, ten), "source-changed", "no ETag"],
  ["another ETag with 200", answer(200, { etag: '"v2"' }, BODY), "source-changed", '"v2"'],
  ["the whole with 200", answer(200, { etag: '"v1"' }, BODY), "bad-reply", "the whole when it was asked for a range"],
  ["another start", answer(206, { ...good, "content-range": "bytes 0-9/200000" }, ten), "bad-reply", "another range"],
  [
    "a longer range",
    answer(206, { ...good, "content-range": "bytes 10-29/200000" }, ten),
    "bad-reply",
    "another range",
  ],
  ["no Content-Range", answer(206, { etag: '"v1"' }, ten), "bad-reply", "another range than bytes 10-19"],
  ["another size", answer(206, { ...good, "content-range": "bytes 10-19/7" }, ten), "bad-reply", "another range"],
  ["a grown file", answer(206, { ...good, "content-range": "bytes 10-19/300000" }, ten), "source-changed", "300000"],
  ["416", answer(416, {}), "source-changed", "status 416"],
  ["more bytes than said", answer(206, good, BODY.subarray(10, 25)), "bad-reply", "more bytes"],
  ["an encoding", answer(206, { ...good, "content-encoding": "gzip" }, gzipSync(ten)), "bad-reply", "an encoded body"],
  ["404", answer(404, {}), "http", "the server answered 404"],
])("urlSource refuses %s in answer to a range", async (_, reply, code, message) => {
  const { url } = await serve((request, response) => {
    if (request.headers.range === "bytes=0-0") ranged({ body: BODY, etag: '"v1"' })(request, response);
    else reply(request, response);
  });
  await using source = await urlSource(url, quick);
  const received = bytes(source.stream({ start: 10, end: 20 }));
  await expect(received).rejects.toMatchObject({ code, retryable: false });
  await expect(received).rejects.toThrow(message);
});

test("urlSource takes a part of the range, and asks for the rest", async () => {
  const { url, seen } = await serve((request, response) => {
    const [, first, last] = /(\d+)-(\d+)/.exec(request.headers.range ?? "") ?? [];
    const end = Math.min(Number(last), Number(first) + 2);
    response
      .writeHead(206, { etag: '"v1"', "content-range": `bytes ${first}-${end}/200000` })
      .end(BODY.subarray(Number(first), end + 1));
  });
  await using source = await urlSource(url, quick);
  expect(await bytes(source.stream({ start: 10, end: 20 }))).toEqual(ten);
  expect(seen.slice(1).map(({ headers }) => headers.range)).toEqual(
    ["10-19", "13-19", "16-19", "19-19"].map((range) => `bytes=${range}`),
  );
});

test("urlSource follows redirects, names the file after the last, and sends no header to another origin", async () => {
  const there = await serve(ranged({ body: BODY, etag: '"v1"' }));
  const here = await serve((request, response) => {
    const next = request.url === "/again" ? String(there.url) : "/again";
    response.writeHead(302, { location: next }).end();
  });
  await using source = await urlSource(here.url, { headers: { authorization: "Bearer secret", "x-key": "secret" } });
  expect(source).toMatchObject({ replayable: true, name: "talk one.mp4" });
  expect(here.seen.map(({ headers }) => headers["x-key"])).toEqual(["secret", "secret"]);
  expect(there.seen.map(({ headers }) => [headers.authorization, headers["x-key"]])).toEqual([[undefined, undefined]]);
  expect(await bytes(source.stream())).toEqual(BODY);
});

test("urlSource never takes headers along again once they were left behind", async () => {
  const second = await serve(
    (_, response) => void response.writeHead(307, { location: `${first.url.origin}/end` }).end(),
  );
  const first = await serve((request, response) => {
    if (request.url === "/end") response.end("x");
    else response.writeHead(307, { location: String(second.url) }).end();
  });
  await using source = await urlSource(first.url, { headers: { "x-key": "secret" } });
  expect(source.size).toBe(1);
  expect(first.seen.map(({ headers }) => headers["x-key"])).toEqual(["secret", undefined]);
});

test("urlSource bounds redirects, and follows none away from HTTP", async () => {
  const loop = await serve((_, response) => void response.writeHead(302, { location: "/again?sig=SECRET" }).end());
  await expect(urlSource(loop.url)).rejects.toThrow("more than 5 redirects");
  expect(loop.seen).toHaveLength(6);
  await expect(urlSource(loop.url, { maxRedirects: 0 })).rejects.toMatchObject({ status: 302, retryable: false });
  for (const location of ["file:///etc/passwd", "ftp://example.com/", "http://["]) {
    const { url } = await serve((_, response) => void response.writeHead(302, { location }).end());
    await expect(urlSource(url)).rejects.toThrow("it redirects");
  }
});

test("urlSource sends user info as Authorization, and a header of the caller's before it", async () => {
  const { url, seen } = await serve(ranged({ body: BODY, etag: '"v1"' }));
  url.username = "ann";
  url.password = "pa%3Ass";
  await urlSource(url);
  await urlSource(url, { headers: { authorization: "Bearer t" } });
  expect(seen.map(({ headers }) => headers.authorization)).toEqual([`Basic ${btoa("ann:pa:ss")}`, "Bearer t"]);
});

test("urlSource shows no credential in errors or in the fingerprint", async () => {
  const secret = "s3cr3t77";
  const armed = (url: URL) =>
    Object.assign(new URL(url), { username: `${secret}u`, password: `${secret}p`, search: `?sig=${secret}q` });
  const fails = [
    await serve((_, response) => void response.writeHead(403).end()),
    await serve((request) => void request.socket.destroy()),
    await serve((_, response) => void response.writeHead(302, { location: `ftp://${secret}@x/?${secret}` }).end()),
    { url: new URL("http://127.0.0.1:1/") },
  ].map(({ url }) => urlSource(armed(url)));
  const throwing = urlSource(armed(new URL("http://127.0.0.1:1/")), {
    headers: { authorization: secret },
    fetch: (url) => Promise.reject(Object.assign(new Error(`cannot reach ${String(url)}`), { path: String(url) })),
  });
  const quoting = urlSource(armed(new URL("http://127.0.0.1:1/")), {
    fetch: () => Promise.reject(new Error(`bad query sig=${secret}q, bad signature ${secret}q`)),
  });
  const invalid = urlSource("http://x/", { headers: { authorization: `${secret}\n\0` } });
  const foreign = urlSource(`ftp://${secret}@x/`);
  for (const outcome of await Promise.allSettled([...fails, throwing, quoting, invalid, foreign])) {
    const error: Error = outcome.status === "rejected" ? outcome.reason : new Error("no error");
    expect(error.message).toMatch(/^Cannot/);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(secret);
  }
  const { url } = await serve(ranged({ body: BODY, etag: '"v1"' }));
  expect((await urlSource(armed(url))).fingerprint).not.toContain(secret);
});

test("urlSource rejects with the reason of an abort, during the look and during a stream", async () => {
  const { url } = await serve((request, response) => {
    if (request.headers.range === "bytes=0-0") ranged({ body: BODY, etag: '"v1"' })(request, response);
    else response.writeHead(206, { etag: '"v1"', "content-range": "bytes 0-199999/200000" }).flushHeaders();
  });
  const reason = new Error("enough");
  await expect(urlSource(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);

  const silent = await serve(() => {});
  const look = new AbortController();
  const looking = urlSource(silent.url, { signal: look.signal });
  await expect.poll(() => silent.seen.length, { timeout: 10_000 }).toBe(1);
  look.abort(reason);
  await expect(looking).rejects.toBe(reason);

  await using source = await urlSource(url);
  const controller = new AbortController();
  const reading = source.stream({ signal: controller.signal }).getReader().read();
  controller.abort(reason);
  await expect(reading).rejects.toBe(reason);
});

test("urlSource does not cut a stream off with the signal of its look", async () => {
  const { url } = await serve((_, response) => void response.end(BODY));
  const controller = new AbortController();
  await using source = await urlSource(url, { signal: controller.signal });
  controller.abort();
  expect(await bytes(source.stream())).toEqual(BODY);
});

test.each([
  ["talk.mp4", "received a string that is none"],
  ["/etc/passwd", "received a string that is none"],
  ["file:///etc/passwd", "received one of file:"],
  ["data:,x", "received one of data:"],
  [undefined, "received undefined"],
])("urlSource refuses %j", async (given, message) => {
  await expect(urlSource(given as string)).rejects.toThrow(TypeError);
  await expect(urlSource(given as string)).rejects.toThrow(message);
});

test.each([
  [{ maxRedirects: -1 }, RangeError],
  [{ attempts: Number.NaN }, RangeError],
  [{ base: "1" }, TypeError],
  [{ fetch: 1 }, TypeError],
  [{ name: 1 }, TypeError],
])("urlSource refuses the options %j", async (options, kind) => {
  await expect(urlSource("http://127.0.0.1:1/", options as UrlSourceOptions)).rejects.toThrow(kind);
});
