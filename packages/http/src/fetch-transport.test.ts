import { bytesSource, streamSource } from "@sluice/source";
import { describe, expect, test } from "vitest";
import { bytesBody } from "./bytes-body.ts";
import { Client } from "./client.ts";
import { resolveOptions } from "./client-options.ts";
import { fetchTransport, sendsStreams } from "./fetch-transport.ts";
import type { HttpClient } from "./http-client.ts";

type Fetch = typeof globalThis.fetch;

function clientOf(fetch: (init: RequestInit) => Promise<Response>, streams?: boolean): HttpClient {
  const transport = fetchTransport({ fetch: ((_: unknown, init: RequestInit) => fetch(init)) as Fetch, streams });
  return new Client(resolveOptions({ baseUrl: "https://api.example", retry: false }), transport);
}

describe("fetchTransport", () => {
  test("sends a stream with its length, and tells how far it got", async () => {
    let seen: RequestInit & { duplex?: string } = {};
    const client = clientOf(async (init) => {
      seen = init;
      const size = (await new Response(init.body).bytes()).byteLength;
      return Response.json(size);
    }, true);
    let sent = 0;
    const reply = await client.request("PUT", "/", {
      body: bytesBody(bytesSource(new Uint8Array(1_000_000))),
      idempotent: true,
      onSent(bytes) {
        sent += bytes;
      },
    });
    expect(await reply.json()).toBe(1_000_000);
    expect(sent).toBe(1_000_000);
    expect(seen.body).toBeInstanceOf(ReadableStream);
    expect(seen.duplex).toBe("half");
    expect(seen.redirect).toBe("manual");
    // workerd takes it from the stream, a FixedLengthStream.
    const length = "FixedLengthStream" in globalThis ? null : "1000000";
    expect(new Headers(seen.headers).get("content-length")).toBe(length);
  });

  test("sends a Blob where streams cannot be sent", async () => {
    let body: unknown;
    const client = clientOf(async (init) => {
      body = init.body;
      return Response.json(null);
    }, false);
    let sent = 0;
    await client.request("PUT", "/", {
      body: bytesBody(streamSource([Uint8Array.of(1), Uint8Array.of(2, 3)])),
      idempotent: true,
      onSent(bytes) {
        sent += bytes;
      },
    });
    expect(body).toBeInstanceOf(Blob);
    expect([...new Uint8Array(await (body as Blob).arrayBuffer())]).toEqual([1, 2, 3]);
    expect(sent).toBe(3);
  });

  test.each([true, false])("cancels its source when it is aborted (streams: %s)", async (streams) => {
    const abort = new AbortController();
    const reason = new Error("stop");
    const cancelled = Promise.withResolvers<unknown>();
    let reads = 0;
    const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        reads += 1;
        controller.enqueue(new Uint8Array(65_536));
        if (reads === 5) abort.abort(reason);
      },
      cancel: (why) => cancelled.resolve(why),
    });
    // It goes on pulling, as Node's does.
    const client = clientOf(async (init) => {
      await new Response(init.body).bytes().catch(() => {});
      throw init.signal?.reason;
    }, streams);
    const body = bytesBody(streamSource(endless));
    const request = client.request("PUT", "/", { body, idempotent: true, signal: abort.signal });
    await expect(request).rejects.toBe(reason);
    expect(await cancelled.promise).toBe(reason);
    expect(reads).toBeLessThan(9);
  });

  test.each([true, false])("fails with what its source threw (streams: %s)", async (streams) => {
    const reason = new Error("the disk is gone");
    const broken = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        controller.error(reason);
      },
    });
    const client = clientOf(async (init) => {
      await new Response(init.body).bytes().catch(() => {});
      throw new TypeError("fetch failed");
    }, streams);
    const body = bytesBody(streamSource(broken));
    await expect(client.request("PUT", "/", { body, idempotent: true })).rejects.toBe(reason);
  });

  test("makes an HttpError of a redirect that it cannot see", async () => {
    const opaque = Object.defineProperty(new Response(null), "type", { value: "opaqueredirect" });
    await expect(clientOf(async () => opaque).request("GET", "/", { idempotent: true })).rejects.toThrow(
      "the server answered with a redirect, which cannot be looked at here",
    );
  });

  test("makes an HttpError of a reply that breaks off", async () => {
    const broken = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"a":'));
      },
      pull(controller) {
        controller.error(new TypeError("terminated"));
      },
    });
    const reply = await clientOf(async () => new Response(broken)).request("GET", "/", { idempotent: true });
    await expect(reply.json()).rejects.toMatchObject({ code: "bad-reply", status: 200, retryable: true });
  });

  test("finds out whether streams are sent without sending one", () => {
    expect(typeof sendsStreams()).toBe("boolean");
  });
});
