import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { type Emulator, startEmulator } from "@sluice/emulator";
import { HttpError } from "@sluice/http";
import { waitFor } from "@sluice/poller";
import { bytesSource } from "@sluice/source";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Replicate, replicate } from "./index.ts";

const token = "r8_planted-in-this-test-0123456789";
let emulator: Emulator;
let client: Replicate;
let told: unknown[] = [];

beforeEach(async () => {
  told = [];
  emulator = await startEmulator({ replicate: { start: 5, run: 10 } });
  const onEvent = (event: unknown) => told.push(event);
  client = replicate({ apiToken: token, baseUrl: emulator.urls.replicate, retry: { base: 2, attempts: 2 }, onEvent });
});
afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await emulator.close();
});

const large = () => bytesSource(new Uint8Array(300_000), { name: "talk.mp4" });
const create = (extra: Record<string, unknown> = {}) =>
  client.createPrediction("owner/digest", { input: {}, ...extra });
const caught = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable("it should fail"),
    (error: unknown) => error,
  );

/** The table of the README: what happened, how it is provoked, and what is thrown. */
const table: readonly (readonly [what: string, provoke: () => Promise<unknown>, expected: Record<string, unknown>])[] =
  [
    [
      "400, a body that is no JSON to the service",
      () => {
        const body = { detail: "Failed to parse request body as JSON: EOF", status: 400 };
        emulator.faults.set([{ match: { route: "predictions.create" }, do: { status: 400, body } }]);
        return create();
      },
      { code: "http", status: 400, retryable: false, message: /Failed to parse request body as JSON: EOF/ },
    ],
    [
      "401, a wrong token",
      () => {
        emulator.faults.set([{ match: { route: "files.list" }, do: { status: 401 } }]);
        return client.files.list();
      },
      { code: "http", status: 401, retryable: false, body: expect.objectContaining({ title: "Unauthenticated" }) },
    ],
    [
      "402, no credit",
      () => {
        const body = {
          title: "Insufficient credit",
          detail: "You have insufficient credit to run this model",
          status: 402,
        };
        emulator.faults.set([{ match: { route: "predictions.create" }, do: { status: 402, body } }]);
        return create();
      },
      { code: "http", status: 402, retryable: false, message: /insufficient credit to run/ },
    ],
    [
      "404, no such file",
      () => client.files.get("nothing"),
      { code: "http", status: 404, retryable: false, message: /the server answered 404: File not found/ },
    ],
    [
      "404, no such model",
      () => client.createPrediction("owner/missing", { input: {} }),
      { code: "http", status: 404, message: /could not be found/ },
    ],
    [
      "413, too large to the service",
      () => {
        const body = { detail: "Files must be less than 100MB in size" };
        emulator.faults.set([{ match: { route: "files.create" }, do: { status: 413, body } }]);
        return client.send(large());
      },
      { code: "http", status: 413, retryable: false, message: /Files must be less than 100MB in size/ },
    ],
    [
      "too large to us",
      () => client.send(bytesSource(new Uint8Array(10)), { maxBytes: 9 }),
      { code: "too-large", size: 10, limit: 9 },
    ],
    [
      "422, no such version",
      () => client.createPrediction(`owner/name:${"0".repeat(64)}`, { input: {} }),
      { code: "http", status: 422, body: expect.objectContaining({ title: "Invalid version or not permitted" }) },
    ],
    [
      "422, an input that the model does not take",
      () => client.createPrediction("owner/name", { input: { emulate: { outcome: "odd" } } }),
      { code: "http", status: 422, message: /input\.emulate\.outcome/ },
    ],
    [
      "429, throttled, for good",
      () => {
        const body = {
          detail: "Request was throttled. Your rate limit resets in ~0s.",
          status: 429,
          retry_after: 0.01,
        };
        emulator.faults.set([{ match: { route: "predictions.create" }, do: { status: 429, body } }]);
        return create();
      },
      { code: "http", status: 429, retryable: true, retryAfter: 10, message: /Request was throttled/ },
    ],
    [
      "500, with the service's words",
      () => {
        emulator.faults.set([{ do: { status: 500 } }]);
        return client.files.get("a");
      },
      { code: "http", status: 500, retryable: true, message: /An injected fault/ },
    ],
    [
      "502, a proxy's page",
      () => {
        const body = "<html><body><h1>Bad gateway</h1><p>Ray 1</p></body></html>";
        emulator.faults.set([{ do: { status: 502, body } }]);
        return client.files.get("a");
      },
      { code: "http", status: 502, retryable: true, message: /Bad gateway Ray 1/ },
    ],
    [
      "a page of HTML where JSON should be",
      () => {
        emulator.faults.set([{ do: { malformedReply: "<html>Sign in</html>" } }]);
        return client.files.list();
      },
      { code: "bad-reply", status: 200, retryable: false, message: /Sign in/ },
    ],
    [
      "JSON of another shape",
      () => {
        emulator.faults.set([{ do: { status: 200, body: { hello: 1 } } }]);
        return create();
      },
      { code: "bad-reply", message: /not of the expected shape/ },
    ],
    [
      "no reply",
      () => {
        emulator.faults.set([{ do: { resetAfterWork: true } }]);
        return create();
      },
      { code: "http", status: undefined, retryable: true, reached: true },
    ],
    [
      "a model that failed",
      () => client.run("owner/fail", { input: { emulate: { error: "out of memory" } } }),
      { code: "task-failed", cause: "out of memory", message: /failed: out of memory/ },
    ],
    ["a prediction that was aborted", () => client.run("owner/aborted", { input: {} }), { code: "task-canceled" }],
    [
      "a deadline that passed",
      async () => {
        const { id } = await client.createPrediction("owner/never", { input: {} });
        return waitFor(client.task(id), { interval: 5, deadline: 50 });
      },
      { code: "deadline" },
    ],
    [
      "a media type that is not accepted",
      () => client.send(new Blob(["a"], { type: "text/plain" }), { accept: ["image/*"] }),
      { code: "not-accepted", type: "text/plain" },
    ],
  ];

describe("each failure is a typed error with the provider's own words:", () => {
  test.each(table)("%s", async (_what, provoke, { message, ...expected }) => {
    const error = (await caught(provoke())) as Error;
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject(expected);
    if (message instanceof RegExp) expect(error.message).toMatch(message);
    if (error instanceof HttpError && error.status !== undefined) {
      const last = emulator.requests.at(-1);
      expect(error.requestId).toBe(last?.id);
      expect(error.message).toContain(String(last?.id));
    }
    // No member of it, of its causes, or of what listeners were told, holds the token.
    expect(inspect([error, told], { depth: 12, showHidden: true })).not.toContain(token);
    expect(JSON.stringify([error, told])).not.toContain(token);
  });
});

describe("the token", () => {
  test("is struck out where the server says it again", async () => {
    const body = { detail: `The token ${token} is not known`, [token]: [token] };
    emulator.faults.set([{ do: { status: 403, body } }]);
    const error = await caught(client.files.list());
    expect(inspect(error, { depth: 12 })).not.toContain(token);
    expect(error).toMatchObject({ status: 403, message: expect.stringContaining("is not known") });
  });

  test("goes to the API alone: neither to outputs elsewhere nor to addresses in pages of a list", async () => {
    const seen: unknown[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end("{}");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const elsewhere = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const own = await client.files.create(new Blob(["a"]));
    const body = { results: [], next: `${elsewhere}/v1/files?cursor=2` };
    emulator.faults.set([{ match: { route: "files.list", nth: 1 }, do: { status: 200, body } }]);
    expect(await client.files.list()).toEqual([own]);
    expect(emulator.requests.at(-1)?.path).toBe("/replicate/v1/files?cursor=2");
    await Array.fromAsync(client.stream({ id: "p", urls: { stream: `${elsewhere}/s` } })).catch(() => {});
    expect(seen).toEqual([undefined]);
    server.close();
    server.closeAllConnections();
  });

  test("is asked for before each request, and never sent in the clear to another machine", async () => {
    let asked = 0;
    const apiToken = async () => {
      asked += 1;
      return `r8_rotated-${asked}`;
    };
    await using rotating = replicate({ apiToken, baseUrl: emulator.urls.replicate });
    await rotating.files.list();
    await rotating.files.list();
    expect(asked).toBe(2);
    expect(() => replicate({ apiToken: token, baseUrl: "http://api.example/v1" })).toThrow(RangeError);
    expect(() => replicate({ apiToken: "" })).toThrow(/REPLICATE_API_TOKEN/);
    expect(() => replicate({ apiToken: token, dataUriLimit: -1 })).toThrow(RangeError);
    expect(inspect(client, { depth: 12, showHidden: true })).not.toContain(token);
  });
});
