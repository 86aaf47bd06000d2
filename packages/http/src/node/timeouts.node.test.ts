import { createServer } from "node:net";
import { type VirtualClock, virtualClock } from "@sluice/retry/testing";
import { streamSource } from "@sluice/source";
import { afterEach, expect, test } from "vitest";
import { patternSource } from "../../test-support/pattern.ts";
import { run, serve } from "../../test-support/servers.ts";
import { bytesBody } from "../bytes-body.ts";
import type { Reply } from "../http-client.ts";
import { StalledError } from "../stalled-error.ts";
import { createClient } from "./create-client.ts";

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

/** Lets virtual time pass in steps, between which the network does what it does, until the promise settles. */
async function outlast(clock: VirtualClock, promise: Promise<unknown>, step = 1_000): Promise<unknown> {
  let outcome: unknown;
  promise.then(
    (value) => {
      outcome = { value };
    },
    (error) => {
      outcome = error;
    },
  );
  while (outcome === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    await clock.advance(step);
  }
  return outcome;
}

const timeouts = { connect: 5_000, headers: 50_000, stall: 20_000 };

test("timeouts.connect ends a connection that does not come about, as one that did not reach the server", async () => {
  const server = await run(createServer(), "https");
  open.push(server);
  const clock = virtualClock();
  const client = createClient({ baseUrl: server.url, clock, retry: false, timeouts });
  open.push(client);
  const error = await outlast(clock, client.request("GET", "/a?key=secretsecret", { idempotent: true }));
  expect(error).toBeInstanceOf(StalledError);
  expect(error).toMatchObject({ code: "stalled", phase: "connect", timeout: 5_000, reached: false, retryable: true });
  expect(error).toMatchObject({ method: "GET", url: `${server.url}/a` });
  expect(clock.pending).toBe(0);
});

test("timeouts.headers runs from the end of the body", async () => {
  const server = await serve((request) => request.resume());
  open.push(server);
  const clock = virtualClock();
  const client = createClient({ baseUrl: server.url, clock, retry: false, timeouts });
  open.push(client);
  const request = client.request("POST", "/", {
    body: bytesBody(patternSource({ size: 3_000_000 })),
    idempotent: true,
  });
  expect(await outlast(clock, request)).toMatchObject({ phase: "headers", timeout: 50_000, reached: true });
  expect(clock.pending).toBe(0);
});

test("timeouts.stall ends a body that is not taken", async () => {
  const server = await serve((request) => request.pause());
  open.push(server);
  const clock = virtualClock();
  const client = createClient({ baseUrl: server.url, clock, retry: false, timeouts });
  open.push(client);
  const request = client.request("POST", "/", { body: bytesBody(patternSource({ size: 1e9 })), idempotent: true });
  expect(await outlast(clock, request)).toMatchObject({ phase: "send", timeout: 20_000 });
  expect(clock.pending).toBe(0);
});

test("timeouts.stall does not count the time that a source takes", async () => {
  const server = await serve((request, response) => request.resume().on("end", () => response.end('"done"')));
  open.push(server);
  const clock = virtualClock();
  const client = createClient({ baseUrl: server.url, clock, retry: false, timeouts });
  open.push(client);
  const slow = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async start(controller) {
      controller.enqueue(Uint8Array.of(1));
      await new Promise<void>((resolve) => clock.setTimeout(resolve, 3_600_000));
      controller.enqueue(Uint8Array.of(2));
      controller.close();
    },
  });
  const body = bytesBody(streamSource(slow));
  const request = client.request("POST", "/", { body, idempotent: false });
  expect(await outlast(clock, request, 60_000)).toHaveProperty("value");
});

test("timeouts.stall ends a reply that does not go on, and none that nobody reads", async () => {
  const server = await serve((_, response) => void response.writeHead(200).write("x".repeat(200_000)));
  open.push(server);
  const clock = virtualClock();
  const client = createClient({ baseUrl: server.url, clock, retry: false, timeouts });
  open.push(client);
  const { value: reply } = (await outlast(clock, client.request("GET", "/", { idempotent: true }))) as { value: Reply };
  await clock.advance(3_600_000);
  const bytes = reply.bytes();
  expect(await outlast(clock, bytes)).toMatchObject({ phase: "receive", timeout: 20_000 });
  expect(clock.pending).toBe(0);
});

test("a stalled request is tried again where that does no harm", async () => {
  let count = 0;
  const server = await serve((_, response) => {
    count += 1;
    if (count > 2) response.end('"third"');
  });
  open.push(server);
  const clock = virtualClock();
  const client = createClient({ baseUrl: server.url, clock, timeouts });
  open.push(client);
  expect(await outlast(clock, client.request("GET", "/", { idempotent: true }))).toHaveProperty("value");
  expect(count).toBe(3);
});
