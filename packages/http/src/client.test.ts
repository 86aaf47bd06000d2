import { virtualClock } from "@sluice/retry/testing";
import { bytesSource, streamSource } from "@sluice/source";
import { describe, expect, test } from "vitest";
import { bytesBody } from "./bytes-body.ts";
import { createClient } from "./create-fetch-client.ts";
import type { HttpEvent } from "./events.ts";
import { HttpError } from "./http-error.ts";
import { jsonBody } from "./json-body.ts";

/** A fetch that answers from a list, and what it was asked. */
function scripted(...answers: (Response | Error | ((request: Request) => Response | Promise<Response>))[]) {
  const asked: { method: string; url: string; headers: Headers; body: string }[] = [];
  const fetch = async (input: unknown, init: RequestInit = {}): Promise<Response> => {
    const request = new Request(String(input), init);
    const { method, url, headers } = request;
    asked.push({ method, url, headers, body: await request.clone().text() });
    const answer = answers.shift() ?? new Error("No answer is left");
    if (answer instanceof Error) throw answer;
    return typeof answer === "function" ? answer(request) : answer;
  };
  return { fetch: fetch as typeof globalThis.fetch, asked };
}

const baseUrl = "https://api.example/v1/";
const json = (value: unknown, init?: ResponseInit): Response => new Response(JSON.stringify(value), init);

async function failure(promise: Promise<unknown>): Promise<HttpError> {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(HttpError);
  return error as HttpError;
}

describe("createClient", () => {
  test.each([
    ["a relative base URL", { baseUrl: "/v1" }, '"baseUrl" must be an absolute http: or https: URL, received "/v1"'],
    ["one of another scheme", { baseUrl: "file:///etc" }, '"baseUrl" must be an absolute http: or https: URL'],
    ["a number for it", { baseUrl: 7 }, '"baseUrl" must be an absolute URL, received 7'],
    ["a header with CR and LF", { headers: { "x-a": "1\r\nx-b: secret" } }, 'the header "x-a" holds a line break'],
    ["a header of no text", { headers: { "x-a": 1 } }, 'the header "x-a" must be a text, received 1'],
    ["a name of no header", { headers: { "x a": "1" } }, '"x a" is no name of a header'],
    ["a length", { headers: { "Content-Length": "1" } }, 'the header "Content-Length" follows from the request'],
    ["headers as a text", { headers: "x: y" }, '"headers" must be a record of texts, received a string'],
    ["retry: true", { retry: true }, '"retry" must be an object or false, received true'],
    ["a text for a timeout", { timeouts: { stall: "1" } }, '"timeouts.stall" must be a number'],
    ["no function for events", { onEvent: 1 }, '"onEvent" must be a function, received 1'],
    ["no function for fetch", { fetch: {} }, '"fetch" must be a function, received an Object'],
    ["a proxy for fetch", { proxy: "http://proxy" }, '"proxy" works in Node and Deno only'],
    ["a dispatcher for fetch", { dispatcher: { dispatch: () => true } }, '"dispatcher" works in Node and Deno only'],
  ])("refuses %s at once", (_, options, message) => {
    expect(() => createClient(options as never)).toThrow(TypeError);
    expect(() => createClient(options as never)).toThrow(message);
    expect(() => createClient(options as never)).not.toThrow("secret");
  });

  test.each([{ timeouts: { headers: 0 } }, { timeouts: { connect: -1 } }, { maxReply: -1 }])(
    "refuses %j",
    (options) => {
      expect(() => createClient(options)).toThrow(RangeError);
    },
  );

  test.each([
    ["get", "/", {}, '"method" must be in capital letters, received "get"'],
    ["GET", 7, {}, '"path" must be a string, received 7'],
    ["GET", "/a/../b", {}, '"path" must not hold the segments "." and ".."'],
    ["GET", "/a/%2E%2e", {}, '"path" must not hold'],
    ["GET", "file:///etc/passwd", {}, '"path" must be a path or an http: or https: URL'],
    ["GET", "/", { idempotent: undefined }, '"idempotent" must be true or false'],
    ["GET", "/", { body: jsonBody(1) }, "it cannot carry a body"],
    ["POST", "/", { body: "text" }, '"body" must be made by jsonBody, multipartBody or bytesBody, received string'],
    ["GET", "/", { headers: { "x-a": "a\nb" } }, 'the header "x-a" holds a line break'],
    ["GET", "/", { signal: {} }, '"signal" must be an AbortSignal'],
    ["GET", "/", { onSent: 1 }, '"onSent" must be a function'],
  ])("request(%j, %j, %o) is refused at once", (method, path, options, message) => {
    const client = createClient({ baseUrl });
    expect(() => client.request(method, path as string, { idempotent: true, ...options } as never)).toThrow(message);
  });

  test("request() needs an absolute URL where there is no base", () => {
    expect(() => createClient().request("GET", "/a?key=hidden", { idempotent: true })).toThrow(
      '"path" must be an absolute URL, because the client has no "baseUrl"; received "/a"',
    );
  });
});

describe("request()", () => {
  test("joins the base, the path and the query", async () => {
    const { fetch, asked } = scripted(json(1), json(2), json(3));
    const client = createClient({ baseUrl: "https://api.example/v1?tenant=7", fetch });
    await client.request("GET", "/files/a b", { idempotent: true, query: { limit: 3, after: undefined } });
    await client.request("GET", "files?x=1", { idempotent: true });
    await client.request("GET", "", { idempotent: true });
    expect(asked.map(({ url }) => url)).toEqual([
      "https://api.example/v1/files/a%20b?tenant=7&limit=3",
      "https://api.example/v1/files?tenant=7&x=1",
      "https://api.example/v1?tenant=7",
    ]);
  });

  test("lets the request's headers win over the body's type, and those over the client's", async () => {
    const { fetch, asked } = scripted(json(1), json(2));
    let turn = 0;
    const headers = async () => ({ Authorization: `Bearer key-${++turn}`, "content-type": "text/x", "x-client": "a" });
    const client = createClient({ baseUrl, fetch, headers });
    await client.request("POST", "/", { body: jsonBody({}), idempotent: true, headers: { "X-Client": undefined } });
    await client.request("POST", "/", { body: jsonBody({}), idempotent: true, headers: { "Content-Type": "text/y" } });
    expect(
      asked.map(({ headers }) => [headers.get("authorization"), headers.get("content-type"), headers.get("x-client")]),
    ).toEqual([
      ["Bearer key-1", "application/json", null],
      ["Bearer key-2", "text/y", "a"],
    ]);
  });

  test("sends the client's headers to no other origin, and user info as Basic authorization", async () => {
    const { fetch, asked } = scripted(json(1), json(2));
    const client = createClient({
      baseUrl: "https://me:p%C3%A4ss@api.example",
      fetch,
      headers: { "x-key": "secret-key" },
    });
    await client.request("GET", "https://elsewhere.example/x", { idempotent: true });
    await client.request("GET", "/x", { idempotent: true });
    expect(asked[0]?.headers.get("x-key")).toBe(null);
    expect(asked[0]?.headers.get("authorization")).toBe(null);
    expect(asked[1]?.headers.get("x-key")).toBe("secret-key");
    expect(asked[1]?.headers.get("authorization")).toBe(`Basic ${btoa("me:p\u00c3\u00a4ss")}`);
    expect(asked[1]?.url).toBe("https://api.example/x");
  });

  test.each([
    [{ error: { message: "no such model", type: "invalid" } }, "no such model"],
    [{ error: "short and stout" }, "short and stout"],
    [{ code: 422, msg: "bad field" }, "bad field"],
    [{ type: "about:blank", title: "Bad", detail: "because of x" }, "because of x"],
    [{ detail: [{ loc: ["body"], msg: "field required" }] }, "field required"],
    [{ errors: [{ message: "first" }] }, "first"],
  ])("finds what the provider says in %j", async (value, message) => {
    const { fetch } = scripted(json(value, { status: 422, headers: { "x-request-id": "req_9" } }));
    const error = await failure(createClient({ baseUrl, fetch }).request("GET", "/a", { idempotent: true }));
    expect(error.message).toBe(
      `Cannot GET https://api.example/v1/a: the server answered 422: ${message} (request req_9)`,
    );
    expect(error).toMatchObject({ code: "http", status: 422, requestId: "req_9", body: value, retryable: false });
  });

  test("shows the beginning of a reply that is no JSON", async () => {
    const page =
      "<html><head><style>x{}</style><title>502 Bad Gateway</title></head><body>nginx\u001b[31m</body></html>";
    const { fetch } = scripted(new Response(page, { status: 502 }));
    const error = await failure(
      createClient({ baseUrl, fetch, retry: false }).request("GET", "/", { idempotent: true }),
    );
    expect(error.body).toBe("502 Bad Gateway nginx [31m");
    expect(error.retryable).toBe(true);
  });
});

describe("json()", () => {
  test.each([
    ["HTML", "<html><body>Sign in</body></html>", "the reply is not JSON (text/plain): Sign in"],
    ["a truncated text", '{"id": "file', 'the reply is not JSON (text/plain): {"id": "file'],
    ["nothing", "", "the reply is empty, not JSON"],
    ["JSON of the wrong shape", "[]", "the reply's JSON is not of the expected shape: []"],
  ])("rejects %s with an HttpError", async (_, text, reason) => {
    const { fetch } = scripted(new Response(text, { headers: { "content-type": "text/plain" } }));
    const reply = await createClient({ baseUrl, fetch }).request("GET", "/a", { idempotent: true });
    const error = await failure(reply.json((value): value is { id: string } => typeof Object(value).id === "string"));
    expect(error.message).toBe(`Cannot GET https://api.example/v1/a: ${reason}`);
    expect(error).toMatchObject({ code: "bad-reply", status: 200, retryable: false });
  });

  test("and bytes() take no more than maxReply, stream() any", async () => {
    const big = () => new Response(new Uint8Array(2_000_000));
    const { fetch } = scripted(big(), big(), big());
    const client = createClient({ baseUrl, fetch });
    const options = { idempotent: true };
    await expect((await client.request("GET", "/", options)).json()).rejects.toMatchObject({
      code: "too-large",
      limit: 1_048_576,
    });
    await expect((await client.request("GET", "/", { ...options, maxReply: 1_999_999 })).bytes()).rejects.toThrow(
      "the limit is 1999999",
    );
    const reply = await client.request("GET", "/", options);
    expect((await new Response(reply.stream()).bytes()).byteLength).toBe(2_000_000);
    await expect(reply.json()).rejects.toThrow("it has been read");
  });
});

describe("a failed request", () => {
  // Without timeouts: a browser reads the body of a Request in its own time, in which a virtual clock would run ahead.
  const timeouts = {
    connect: Number.POSITIVE_INFINITY,
    headers: Number.POSITIVE_INFINITY,
    stall: Number.POSITIVE_INFINITY,
  };
  const quick = () => ({ baseUrl, clock: virtualClock(), retry: { attempts: 3 }, random: () => 0, timeouts });

  test.each([408, 425, 429, 500, 502, 503, 504, 529])(
    "with %i is sent again where that does no harm",
    async (status) => {
      const { fetch, asked } = scripted(json({}, { status }), json("done"));
      const options = quick();
      const request = createClient({ ...options, fetch }).request("POST", "/", {
        body: jsonBody([1]),
        idempotent: true,
      });
      expect(await (await options.clock.run(request)).json()).toBe("done");
      expect(asked.map(({ body }) => body)).toEqual(["[1]", "[1]"]);
      expect(options.clock.pending).toBe(0);
    },
  );

  test.each([400, 401, 403, 404, 409, 410, 413, 422])("with %i is not", async (status) => {
    const { fetch, asked } = scripted(json({}, { status }));
    const options = quick();
    await failure(options.clock.run(createClient({ ...options, fetch }).request("GET", "/", { idempotent: true })));
    expect(asked.length).toBe(1);
  });

  test("that may have done something is sent again after 429 alone", async () => {
    for (const [answer, times] of [
      [json({}, { status: 429 }), 2],
      [json({}, { status: 500 }), 1],
      [json({}, { status: 503 }), 1],
      [new TypeError("fetch failed"), 1],
    ] as const) {
      const { fetch, asked } = scripted(answer, json(1));
      const options = quick();
      const request = createClient({ ...options, fetch }).request("POST", "/", {
        body: jsonBody(1),
        idempotent: false,
      });
      await options.clock.run(request).catch(() => {});
      expect(asked.length).toBe(times);
    }
  });

  test("waits as long as the server asks it to, and tells so", async () => {
    const { fetch } = scripted(json({}, { status: 429, headers: { "retry-after": "7" } }), json(1));
    const options = quick();
    const events: HttpEvent[] = [];
    const client = createClient({ ...options, fetch, onEvent: (event) => events.push(event) });
    await options.clock.run(client.request("GET", "/", { idempotent: true }));
    expect(options.clock.now()).toBe(7_000);
    expect(events.map(({ type }) => type)).toEqual(["request", "reply", "failure", "retry", "request", "reply"]);
    expect(events[3]).toMatchObject({ type: "retry", attempt: 1, delay: 7_000, error: { retryAfter: 7_000 } });
  });

  test("with a body from a stream is never sent twice", async () => {
    const { fetch, asked } = scripted(json({}, { status: 429 }), json(1));
    const options = quick();
    const client = createClient({ ...options, fetch });
    const body = bytesBody(streamSource([Uint8Array.of(1, 2)]));
    const error = await failure(options.clock.run(client.request("POST", "/", { body, idempotent: true })));
    expect(error.status).toBe(429);
    expect(asked.length).toBe(1);
    expect(() => client.request("POST", "/", { body, idempotent: true })).toThrow(
      "the body comes from a stream, which can be sent once, and it has been",
    );
  });

  test("is not sent again with retry: false, of the request or of the client", async () => {
    const { fetch, asked } = scripted(json({}, { status: 500 }), json({}, { status: 500 }));
    const options = quick();
    await failure(createClient({ ...options, fetch }).request("GET", "/", { idempotent: true, retry: false }));
    await failure(createClient({ ...options, fetch, retry: false }).request("GET", "/", { idempotent: true }));
    expect(asked.length).toBe(2);
  });

  test("takes back what it told of its body", async () => {
    const { fetch } = scripted(json({}, { status: 500 }), json(1));
    const options = quick();
    const told: number[] = [];
    const body = bytesBody(bytesSource(new Uint8Array(10)));
    const client = createClient({ ...options, fetch });
    await options.clock.run(
      client.request("POST", "/", { body, idempotent: true, onSent: (bytes) => told.push(bytes) }),
    );
    expect(told).toEqual([10, -10, 10]);
  });
});
