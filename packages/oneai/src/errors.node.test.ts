import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { type Emulator, startEmulator } from "@sluice/emulator";
import { HttpError } from "@sluice/http";
import { SoftError } from "@sluice/http/provider";
import { TaskFailedError } from "@sluice/poller";
import { bytesSource, streamSource } from "@sluice/source";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { NeedsStepsError, type OneAi, OneAiError, oneai, type RunEvent } from "./index.ts";

const key = "planted-key-0123456789";
const told: unknown[] = [];
let emulator: Emulator;
let client: OneAi;
beforeAll(async () => {
  emulator = await startEmulator({ oneai: { start: 1, run: 2 } });
  client = oneai({
    apiKey: key,
    baseUrl: emulator.urls.oneai,
    retry: { base: 1, attempts: 2 },
    onEvent: (event) => told.push(event),
  });
});
afterEach(() => {
  emulator.faults.clear();
  emulator.requests.length = 0;
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await emulator.close();
});

const quick = { interval: 1, maxInterval: 5, onEvent: (event: RunEvent) => told.push(event) };
const steps = (emulate: object) => [{ skill: "summarize", params: { emulate } }];
const voice = () => bytesSource(Uint8Array.of(1, 2, 3), { name: "a.wav" });

async function caught(running: Promise<unknown>): Promise<unknown> {
  const error = await running.then(
    () => expect.unreachable("it should fail"),
    (thrown: unknown) => thrown,
  );
  told.push(error);
  return error;
}

/** Every code of the service, with its HTTP status and whether it may pass. */
const codes: readonly (readonly [code: number, status: number, retryable: boolean])[] = [
  ...[40001, 40002, 40003, 40004, 40005, 40006, 40007, 40008, 40009, 40010, 40011, 40012].map(
    (code) => [code, 400, false] as const,
  ),
  ...[60001, 60002].map((code) => [code, 401, false] as const),
  ...[60003, 60004, 60005, 60006, 60007, 60008, 60010, 60011].map((code) => [code, 403, false] as const),
  [60009, 429, true],
  ...[50000, 50001, 50003, 50004, 50005].map((code) => [code, 500, true] as const),
  [50002, 503, true],
];

describe("each code of the service has its words, its number and its request id", () => {
  test.each(codes)("%i as HTTP %i", async (code, status, retryable) => {
    const error = await caught(client.run(steps({ refuse: code }), "Water"));
    const sent = emulator.requests.filter(({ route }) => route === "pipeline.run");
    const { message } = (Object(error) as OneAiError).body as { message: string };
    expect(error).toBeInstanceOf(OneAiError);
    expect(error).toBeInstanceOf(HttpError);
    expect(error).toMatchObject({
      code: "http",
      status,
      retryable,
      providerCode: code,
      details: "As it was told to",
      requestId: sent.at(-1)?.id,
      message: `Cannot POST ${emulator.urls.oneai}/api/v0/pipeline: the server answered ${status}: ${message}: As it was told to (code ${code}) (request ${sent.at(-1)?.id})`,
    });
    expect(message).toMatch(/^[A-Z]/);
    // Only what the service has certainly not run goes again.
    expect(sent).toHaveLength([60009, 50001, 50002].includes(code) ? 2 : 1);
  });

  test.each(codes)("%i in a task, wherever it is told", async (code) => {
    for (const errorAt of ["error", "result", "both"]) {
      const error = await caught(client.run(steps({ fail: code, errorAt }), "Water", { ...quick, mode: "async" }));
      const start = emulator.requests.find(({ route }) => route === "pipeline.start");
      expect(error).toBeInstanceOf(TaskFailedError);
      const { cause } = error as Error;
      expect(cause).toBeInstanceOf(SoftError);
      expect(cause).toMatchObject({ code: "soft-error", providerCode: code, requestId: start?.id });
      expect(cause).toMatchObject({
        message: expect.stringMatching(/^Cannot run the pipeline: OneAI answered "[A-Z]/),
      });
      emulator.requests.length = 0;
    }
  });
});

/** The rest of the README's table: what happened, how it is provoked, and what is thrown. */
const table: readonly (readonly [what: string, provoke: () => Promise<unknown>, expected: object])[] = [
  [
    "a failure inside a 200",
    () => {
      emulator.faults.set([{ do: { softError: 40008 } }]);
      return client.run("a", "Water");
    },
    { name: "SoftError", code: "soft-error", providerCode: 40008, status: 200, retryable: false },
  ],
  [
    "a failure inside a 200, of what should be a task",
    () => {
      emulator.faults.set([{ do: { softError: 50002 } }]);
      return client.start("a", voice());
    },
    { name: "SoftError", code: "soft-error", providerCode: 50002, status: 200, retryable: true },
  ],
  [
    "a page of a proxy in front",
    () => {
      emulator.faults.set([{ do: { status: 502, body: "<html><title>x</title><p>Bad gateway</p></html>" } }]);
      return client.run("a", "Water");
    },
    { name: "HttpError", code: "http", status: 502, message: expect.stringContaining("Bad gateway") },
  ],
  [
    "too large for a proxy in front",
    () => {
      emulator.faults.set([{ do: { status: 413, body: "Request Entity Too Large" } }]);
      return client.start("a", voice());
    },
    { name: "HttpError", code: "http", status: 413, retryable: false },
  ],
  [
    "a 200 that is no JSON",
    () => {
      emulator.faults.set([{ do: { status: 200, body: "<html>Sign in</html>" } }]);
      return client.run("a", "Water");
    },
    { name: "HttpError", code: "bad-reply", status: 200, retryable: false },
  ],
  [
    "a 200 that is no result",
    () => {
      emulator.faults.set([{ do: { status: 200, body: { status: "success" } } }]);
      return client.run("a", "Water");
    },
    { name: "HttpError", code: "bad-reply" },
  ],
  [
    "a 200 without a task",
    () => {
      emulator.faults.set([{ do: { status: 202, body: { status: "QUEUED" } } }]);
      return client.start("a", voice());
    },
    { name: "HttpError", code: "bad-reply" },
  ],
  [
    "no such task",
    () =>
      client.run("a", voice(), { ...quick, grace: 0, onStarted: () => emulator.faults.set([{ do: { status: 404 } }]) }),
    { name: "OneAiError", code: "http", status: 404, retryable: false },
  ],
  [
    "a lost reply",
    () => {
      emulator.faults.set([{ do: { resetAfterWork: true } }]);
      return client.start("a", voice());
    },
    { name: "HttpError", code: "http", status: undefined, reached: true },
  ],
  [
    "bytes above base64Limit by themselves",
    () => client.send(bytesSource(new Uint8Array(1_000_001), { name: "a.wav" })),
    { name: "NeedsStepsError", code: "needs-steps", size: 1_000_001, limit: 1_000_000, retryable: false },
  ],
  [
    "a stream above base64Limit by itself",
    () => client.send(streamSource([new Uint8Array(3)], { name: "a.wav" }), { base64Limit: 2 }),
    { name: "NeedsStepsError", code: "needs-steps", size: undefined, limit: 2 },
  ],
  [
    "more bytes than maxBytes",
    () => client.start("a", voice(), { maxBytes: 2 }),
    { name: "TooLargeError", code: "too-large", size: 3, limit: 2 },
  ],
  [
    "a media type that is not to be sent",
    () => client.start("a", voice(), { accept: ["image/*"] }),
    { name: "NotAcceptedError", code: "not-accepted", type: "audio/wav" },
  ],
];

test.each(table)("%s", async (_what, provoke, expected) => {
  expect(await caught(provoke())).toMatchObject(expected);
});

describe("send", () => {
  test("gives a URL as it is, and small bytes as base64", async () => {
    const url = new URL("https://storage.example/a.wav?token=1");
    expect(await client.send(url)).toMatchObject({ value: url.href, method: "url" });
    expect(await client.send(Uint8Array.of(0, 1, 2))).toMatchObject({ value: "AAEC", method: "base64", size: 3 });
    expect(await client.send(new Blob(["ab"]).stream())).toMatchObject({ value: "YWI=", method: "base64", size: 2 });
    expect(emulator.requests).toEqual([]);
  });

  test("says what to call instead where there is too much", async () => {
    const error = await caught(client.send(bytesSource(new Uint8Array(2e6), { name: "talk.wav" })));
    expect(error).toBeInstanceOf(NeedsStepsError);
    expect((error as Error).message).toBe(
      'Cannot send "talk.wav" to OneAI by itself: it is 2,000,000 bytes, more than the 1,000,000 of "base64Limit", and OneAI keeps no files. Call run(steps, input) or start(steps, input), which send it with its steps.',
    );
  });
});

test("the key is nowhere to be seen, also where a server echoes it", async () => {
  const server = createServer(async (request, response) => {
    await request.toArray();
    const echo = `you sent ${request.headers["api-key"]}`;
    const error = { status_code: 40008, message: echo, details: echo, request_id: "r" };
    const { pathname, searchParams } = new URL(request.url ?? "", "http://a");
    const asked = searchParams.get("pipeline") ?? "";
    const status = asked.includes("soft") || pathname.includes("tasks") ? 200 : 400;
    if (pathname.endsWith("/async")) response.end(JSON.stringify({ status: "QUEUED", task_id: "t" }));
    else {
      response.statusCode = status;
      response.end(JSON.stringify(status === 400 ? error : { status: "FAILED", error, result: error }));
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const onEvent = (event: unknown) => told.push(event);
  await using own = oneai({ apiKey: key, baseUrl, onEvent });
  await caught(own.run("a", "Water", quick));
  await caught(own.run("a", "Water", { ...quick, mode: "async" }));
  await caught(own.start("soft", voice()));
  await caught(own.start("a", voice()));
  told.push(own, own.task("t"));
  for (const thing of told) {
    const shown = inspect(thing, { depth: 9, showHidden: true, getters: true }) + JSON.stringify(thing);
    expect(shown.includes(key)).toBe(false);
  }
  expect(told.length).toBeGreaterThan(100);
  server.close();
  server.closeAllConnections();
});
