import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { startEmulator } from "@sluice/emulator";
import { describe, expect, test } from "vitest";
import { kie, type VerifiedCallback, verifyCallback } from "./index.ts";

const webhookKey = "whk-planted-0123456789";
const now = () => Date.parse("2026-01-01T00:00:00Z");
const seconds = String(now() / 1000);
const sign = (taskId: string, timestamp: string, key = webhookKey) =>
  createHmac("sha256", key).update(`${taskId}.${timestamp}`).digest("base64");
const headersOf = (timestamp: string, signature: string) => ({
  "X-Webhook-Timestamp": timestamp,
  "x-webhook-signature": signature,
});
const headers = headersOf(seconds, sign("job-1", seconds));
const body = JSON.stringify({ code: 200, data: { taskId: "job-1", state: "success" } });

describe("verifyCallback", () => {
  test("from the emulator is verified, and then the job is read", async () => {
    await using emulator = await startEmulator({ kie: { webhookKey, early: 1, wait: 1, queue: 1, run: 1 } });
    await using client = kie({ apiKey: "any-key", baseUrl: emulator.urls.kie, webhookKey });
    const told = Promise.withResolvers<VerifiedCallback>();
    const server = createServer((request, response) => {
      const stream = Readable.toWeb(request) as ReadableStream<Uint8Array>;
      client.verifyCallback({ headers: request.headers, body: stream }).then(told.resolve, told.reject);
      told.promise.finally(() => response.end());
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const callBackUrl = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/kie`);
    const job = await client.createJob("image", {}, { callBackUrl });
    const { taskId, sentAt } = await told.promise;
    expect([taskId, Math.abs(Number(sentAt) - Date.now()) < 10_000]).toEqual([job.taskId, true]);
    const snapshot = await client.task(taskId).read({ signal: new AbortController().signal, attempt: 1 });
    expect(snapshot).toMatchObject({ state: "succeeded", result: { urls: [expect.any(String)] } });
    server.close();
    server.closeAllConnections();
  });

  test.each([
    ["text", body],
    ["bytes", new TextEncoder().encode(body)],
    ["a stream", new Blob([body]).stream()],
    ["parsed", JSON.parse(body)],
    ["task_id", '{"data":{"task_id":"job-1"}}'],
    ["taskId beside", '{"taskId":"job-1","data":{}}'],
    ["task_id beside", '{"task_id":"job-1"}'],
  ])("takes the id from %s, and gives nothing else of it", async (_what, given) => {
    const verified = await verifyCallback({ headers, body: given }, { webhookKey, now });
    expect(verified).toEqual({ taskId: "job-1", sentAt: new Date(now()) });
  });

  test("takes a Request", async () => {
    const request = new Request("https://hooks.example/", { method: "POST", headers, body });
    expect((await verifyCallback(request, { webhookKey, now })).taskId).toBe("job-1");
  });

  test.each([
    ["headers", {}, body],
    ["headers", { "x-webhook-timestamp": seconds }, body],
    ["timestamp", headersOf("soon", sign("job-1", "soon")), body],
    ["timestamp", headersOf(String(Number(seconds) - 301), sign("job-1", String(Number(seconds) - 301))), body],
    ["timestamp", headersOf(String(Number(seconds) + 301), sign("job-1", String(Number(seconds) + 301))), body],
    ["signature", headersOf(seconds, sign("job-1", seconds, "other")), body],
    ["signature", headersOf(seconds, sign("job-2", seconds)), body],
    ["signature", headersOf(String(Number(seconds) + 1), sign("job-1", seconds)), body],
    ["signature", headersOf(seconds, "no base64!"), body],
    ["signature", headersOf(seconds, ""), body],
    ["body", headers, "{}"],
    ["body", headers, "no json"],
    ["body", headers, null],
    ["body", headers, '{"taskId":7}'],
    ["body", headers, new Blob(["x".repeat(1001)]).stream()],
  ])("refuses for its %s: %#", async (reason, given, content) => {
    const refused = verifyCallback({ headers: given as never, body: content }, { webhookKey, now, maxBytes: 1000 });
    await expect(refused).rejects.toMatchObject({ code: "callback-refused", reason, retryable: false });
    await refused.catch((error: Error) => expect(error.message).not.toContain(webhookKey));
  });

  test("needs a key", async () => {
    await expect(verifyCallback({ headers, body }, { now })).rejects.toThrow(/KIE_WEBHOOK_HMAC_KEY/);
    await using client = kie({ apiKey: "any-key" });
    await expect(client.verifyCallback({ headers, body })).rejects.toThrow(TypeError);
    expect((await client.verifyCallback({ headers, body }, { webhookKey, now })).taskId).toBe("job-1");
    const wide = client.verifyCallback(
      { headers, body },
      { webhookKey, now: () => now() + 10_000_000, tolerance: 1e8 },
    );
    expect((await wide).taskId).toBe("job-1");
  });
});
