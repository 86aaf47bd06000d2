import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { inspect } from "node:util";
import { type Emulator, type FaultAction, startEmulator } from "@sluice/emulator";
import { HttpError } from "@sluice/http";
import { waitFor } from "@sluice/poller";
import { bytesSource } from "@sluice/source";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Kie, KieError, kie } from "./index.ts";

const key = "kie-planted-in-this-test-0123456789";
let emulator: Emulator;
let client: Kie;
let told: unknown[] = [];

beforeAll(async () => {
  emulator = await startEmulator({ kie: { early: 1, wait: 1, queue: 1, run: 5, urlTimeout: 100 } });
});
beforeEach(() => {
  told = [];
  emulator.faults.clear();
  emulator.requests.length = 0;
  const onEvent = (event: unknown) => told.push(event);
  client = kie({ apiKey: key, baseUrl: emulator.urls.kie, retry: { base: 2, attempts: 2 }, onEvent });
});
afterEach(() => client[Symbol.asyncDispose]());
afterAll(() => emulator.close());

const small = () => bytesSource(new Uint8Array(10), { name: "a.png", type: "image/png" });
const onEvent = (event: unknown) => told.push(event);
const send = () => client.send(small(), { onEvent });
const create = () => client.createJob("digest", {});
const follow = () => waitFor(client.task("a"), { interval: 2, grace: 0, retry: { base: 2, attempts: 2 } });
const withFault = (action: FaultAction, provoke: () => Promise<unknown>) => () => {
  emulator.faults.set([{ match: { provider: "kie" }, do: action }]);
  return provoke();
};
const hard = (code: number, msg: string, provoke: () => Promise<unknown>) =>
  withFault({ status: code, body: { success: false, code, msg } }, provoke);
const soft = (code: number, msg: string, provoke: () => Promise<unknown>) =>
  withFault({ status: 200, body: { code, msg, data: null } }, provoke);

type Row = readonly [what: string, provoke: () => Promise<unknown>, expected: Record<string, unknown>];

/** The table of the README: what happened, how it is provoked, and what is thrown. */
const table: readonly Row[] = [
  ...[
    [400, "Missing required parameter: uploadPath", false],
    [401, "Authentication failed: Invalid API Key", false],
    [405, "Method not allowed", false],
    [429, "Too many requests", true],
    [500, "Internal server error", true],
    [520, "认证失败", true],
  ].flatMap(([code, msg, retryable]): Row[] => [
    [
      `${code} of an upload, as an HTTP status`,
      hard(code as number, msg as string, send),
      { code: "http", status: code, providerCode: code, retryable, message: msg },
    ],
    [
      `${code} of an upload, inside of HTTP 200`,
      soft(code as number, msg as string, send),
      { code: "soft-error", status: code, providerCode: code, retryable, message: msg },
    ],
  ]),
  ...[
    [400, "taskId parameter is required", false],
    [401, "You do not have access permissions", false],
    [402, "Insufficient credits", false],
    [404, "Task not found", false],
    [408, "Upstream is slow", true],
    [422, "recordInfo is null", false],
    [429, "Your request rate is too high", true],
    [433, "Request limit", false],
    [455, "Service is under maintenance", true],
    [500, "Server error", true],
    [501, "Generation failed", false],
    [505, "Feature disabled", false],
  ].flatMap(([code, msg, retryable]): Row[] => [
    [
      `${code} of a job that is created`,
      soft(code as number, msg as string, create),
      { code: "soft-error", status: code, providerCode: code, retryable, message: msg },
    ],
    [
      `${code} of a job that is followed`,
      soft(code as number, msg as string, follow),
      { code: "soft-error", status: code, providerCode: code, retryable, message: msg },
    ],
  ]),
  [
    "a path that the host does not have",
    async () => {
      await using lost = kie({ apiKey: key, baseUrl: `${emulator.urls.kie}/upload-host`, retry: false });
      return await lost.createJob("a", {});
    },
    { code: "http", status: 404, providerCode: 404, message: "Available endpoints" },
  ],
  [
    "the same at the host of jobs, in other words",
    async () => {
      await using lost = kie({ apiKey: key, baseUrl: `${emulator.urls.kie}/api-host`, retry: false });
      return await lost.send(small());
    },
    { code: "http", status: 404, message: "Not Found" },
  ],
  [
    "a URL that the service cannot fetch",
    () => client.send(new URL("http://127.0.0.1:9/a.png"), { method: "url" }),
    { code: "http", status: 400, providerCode: 400, message: "Failed to download file from URL" },
  ],
  [
    "a URL that its own server refuses",
    () => client.send(new URL(`${emulator.urls.kie}/kieai/100001/none.png`)),
    { code: "http", status: 404, message: "Cannot read" },
  ],
  [
    "a proxy's page with a failure status",
    withFault({ status: 502, body: "<html><h1>Bad gateway</h1></html>" }, send),
    { code: "http", status: 502, retryable: true, message: "Bad gateway" },
  ],
  [
    "a page where JSON should be",
    withFault({ malformedReply: "<html>Just a moment...</html>" }, send),
    { code: "bad-reply", status: 200, retryable: false, message: "Just a moment" },
  ],
  ["JSON that breaks off", withFault({ malformedReply: true }, create), { code: "bad-reply", message: "not JSON" }],
  ["JSON of another shape", withFault({ malformedReply: "[1]" }, create), { code: "bad-reply" }],
  ["a job without an id", withFault({ malformedReply: '{"code":200,"data":{}}' }, create), { code: "bad-reply" }],
  [
    "success without a URL",
    withFault({ malformedReply: '{"success":true,"code":200,"msg":"","data":{}}' }, send),
    { code: "bad-reply", message: "not of the expected shape" },
  ],
  [
    "other bytes at the service than were sent",
    withFault({ malformedReply: '{"code":200,"data":{"downloadUrl":"https://a.example/a","fileSize":9}}' }, send),
    { code: "size-mismatch", expected: 10, received: 9 },
  ],
  ["no reply", withFault({ resetAfterWork: true }, create), { code: "http", status: undefined, reached: true }],
  [
    "a model that failed",
    async () => waitFor(client.task(await client.createJob("image-fail", {})), { interval: 2 }),
    { code: "task-failed", message: "as it was told to" },
  ],
  [
    "a deadline that passed",
    async () => waitFor(client.task(await client.createJob("never", {})), { interval: 2, deadline: 50 }),
    { code: "deadline" },
  ],
  [
    "base64 for more than 10 MB",
    () => client.send(bytesSource(new Uint8Array(10_000_001)), { method: "base64" }),
    { code: "too-large", limit: 10_000_000, message: "allowLarge" },
  ],
  ["more than maxBytes", () => client.send(small(), { maxBytes: 9 }), { code: "too-large", size: 10, limit: 9 }],
  [
    "a media type that is not accepted",
    () => client.send(small(), { accept: ["video/*"] }),
    { code: "not-accepted", type: "image/png" },
  ],
  [
    "a callback that is not to be believed",
    () => client.verifyCallback({ headers: {}, body: "{}" }, { webhookKey: key }),
    { code: "callback-refused", reason: "headers" },
  ],
];

const rejected = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable("it should fail"),
    (error: unknown) => error,
  );

describe("each failure is a typed error with the service's own words:", () => {
  test.each(table)("%s", async (_what, provoke, { message, ...expected }) => {
    const error = (await rejected(provoke())) as Error;
    expect(error).toMatchObject({
      ...expected,
      ...(message ? { message: expect.stringContaining(String(message)) } : {}),
    });
    const { requestId, status } = error as HttpError;
    if ("requestId" in error && status !== undefined && "providerCode" in error) {
      expect(requestId).toBe(emulator.requests.at(-1)?.id);
      expect(error.message).toContain(String(requestId));
    }
    if (error instanceof HttpError && "providerCode" in error) expect(error).toBeInstanceOf(KieError);
    // No member of it, of its causes, or of what listeners were told, holds the key.
    expect(inspect([error, told], { depth: 12, showHidden: true })).not.toContain(key);
    expect(JSON.stringify([error, told])).not.toContain(key);
  });
});

describe("what must not be seen", () => {
  const shown = async (provoke: () => Promise<unknown>): Promise<string> => {
    const error = await rejected(provoke());
    return inspect([error, told], { depth: 12, showHidden: true }) + JSON.stringify([error, told]) + String(error);
  };

  test("is struck out where the service says it again", async () => {
    const echo = { code: 400, msg: `The key ${key} is not known`, data: { [key]: [key] } };
    for (const status of [200, 400]) {
      for (const provoke of [send, create, follow]) {
        const text = await shown(withFault({ status, body: echo }, provoke));
        expect(text).toContain("is not known");
        expect(text).not.toContain(key);
      }
    }
  });

  test("is what stands in the address that kie.ai was to fetch", async () => {
    const url = new URL("https://me:planted-password@files.example/a.png?signature=planted-signature");
    const msg = `Failed to download file from URL: ${url.href} and planted-password`;
    const published: unknown[] = [];
    const listen = (event: unknown) => void published.push(event);
    subscribe("sluice:http", listen);
    for (const status of [200, 400, 500]) {
      const provoke = () => client.send(url, { method: "url", onEvent });
      const text = await shown(withFault({ status, body: { code: 400, msg } }, provoke));
      expect(text).toContain("Failed to download");
      expect(text).not.toContain("planted-");
      expect(text).not.toContain(key);
    }
    unsubscribe("sluice:http", listen);
    const text = inspect(published, { depth: 12, showHidden: true });
    expect(text).toContain("Failed to download");
    expect(text).not.toContain("planted-");
  });

  test("is asked for before each request, and goes nowhere in the clear, nor to a host that was not meant", async () => {
    let asked = 0;
    const apiKey = async () => {
      asked += 1;
      return `rotated-key-${asked}`;
    };
    await using rotating = kie({ apiKey, baseUrl: emulator.urls.kie });
    await rotating.credit();
    await rotating.send(small());
    expect(asked).toBe(2);
    expect(() => kie({ apiKey: key, baseUrl: "http://api.example" })).toThrow(RangeError);
    expect(() => kie({ apiKey: key, uploadBaseUrl: "http://uploads.example" })).toThrow(/"uploadBaseUrl"/);
    expect(() => kie({ apiKey: "" })).toThrow(/KIE_API_KEY/);
    expect(() => kie({ apiKey: key, base64Limit: 1e9 })).toThrow(RangeError);
    expect(inspect(client, { depth: 12, showHidden: true })).not.toContain(key);
    // Whoever points jobs elsewhere has files go there, too.
    expect(emulator.requests.map(({ route }) => route)).toEqual(["credit.get", "uploads.base64"]);
  });

  test("and the environment is asked for what is not given", async () => {
    const before = { ...process.env };
    Object.assign(process.env, {
      KIE_API_KEY: key,
      KIE_API_BASE_URL: "https://api.kie.ai",
      KIE_UPLOAD_BASE_URL: emulator.urls.kie,
    });
    try {
      await using given = kie();
      await given.send(small());
      expect(emulator.requests).toMatchObject([{ route: "uploads.base64" }]);
      process.env["KIE_API_BASE_URL"] = emulator.urls.kie;
      await using pointed = kie();
      expect(await pointed.credit()).toBeGreaterThan(0);
    } finally {
      process.env = before;
    }
  });
});
