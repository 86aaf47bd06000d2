import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { startEmulator } from "@sluice/emulator";
import { validateWebhook } from "replicate";
import { describe, expect, test } from "vitest";
import { replicate, verifyWebhook, type WebhookMessage, WebhookRefusedError } from "./index.ts";

const secret = `whsec_${Buffer.from("a key of the account's").toString("base64")}`;
const time = 1_700_000_000_000;
const now = () => time;
const body = JSON.stringify({ id: "p1", status: "succeeded", output: "é" });

/** Signs as the service does. */
function signed(text: string, { at = time, id = "msg_1", key = secret } = {}): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const hmac = createHmac("sha256", Buffer.from(key.split("_")[1] as string, "base64"));
  const signature = hmac.update(`${id}.${timestamp}.${text}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}

describe("verifyWebhook", () => {
  test("takes a Request, headers of any kind, and bodies of any kind", async () => {
    const headers = signed(body);
    const bytes = new TextEncoder().encode(body);
    const messages: (WebhookMessage | Request)[] = [
      new Request("https://hooks.example", { method: "POST", headers, body }),
      { headers, body },
      { headers: new Headers(headers), body: bytes },
      { headers: { ...headers, "Webhook-Id": undefined }, body: bytes.buffer },
      { headers, body: new Blob([body]).stream() },
      {
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]])),
        body,
      },
    ];
    for (const message of messages) {
      const prediction = await verifyWebhook(message, { secret, now });
      expect(prediction).toMatchObject({ id: "p1", status: "succeeded", output: "é", error: null, logs: "" });
    }
  });

  test("agrees with the official SDK on what is signed", async () => {
    const headers = signed(body);
    expect(await validateWebhook({ headers, body } as never, secret)).toBe(true);
    const other = { ...headers, "webhook-signature": "v1,AAAA" };
    expect(await validateWebhook({ headers: other, body } as never, secret)).toBe(false);
    await expect(verifyWebhook({ headers: other, body }, { secret, now })).rejects.toThrow(WebhookRefusedError);
  });

  test("one right signature of several is enough", async () => {
    const headers = signed(body);
    headers["webhook-signature"] = `v1,!! v2,AAAA v1,AAAA ${headers["webhook-signature"]}`;
    expect((await verifyWebhook({ headers, body }, { secret, now })).id).toBe("p1");
  });

  test.each([
    ["headers", { headers: {}, body }],
    ["headers", { headers: { ...signed(body), "webhook-id": undefined }, body }],
    ["timestamp", { headers: { ...signed(body), "webhook-timestamp": "soon" }, body }],
    ["timestamp", { headers: signed(body, { at: time - 301_000 }), body }],
    ["timestamp", { headers: signed(body, { at: time + 301_000 }), body }],
    ["signature", { headers: signed(body), body: `${body} ` }],
    ["signature", { headers: { ...signed(body), "webhook-id": "msg_2" }, body }],
    ["signature", { headers: signed(body, { key: "whsec_AAAA" }), body }],
    ["signature", { headers: signed(body), body: null }],
    ["body", { headers: signed("[]"), body: "[]" }],
    ["body", { headers: signed("{"), body: "{" }],
  ] as const)("refuses by its %s", async (reason, message) => {
    const error = await verifyWebhook(message, { secret, now }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "webhook-refused", reason, retryable: false });
    expect(String(error)).not.toContain(secret.slice(6));
  });

  test("has a tolerance, and a limit", async () => {
    const late = { headers: signed(body, { at: time - 301_000 }), body };
    expect((await verifyWebhook(late, { secret, now, tolerance: 302_000 })).id).toBe("p1");
    const long = { headers: signed(body), body: new Blob([body]).stream() };
    await expect(verifyWebhook(long, { secret, now, maxBytes: 10 })).rejects.toMatchObject({ reason: "body" });
  });

  test("misuse is a TypeError that does not show the secret", async () => {
    for (const wrong of ["", "whsec_", "whsec_!!!", undefined as never]) {
      await expect(verifyWebhook({ headers: signed(body), body }, { secret: wrong, now })).rejects.toThrow(TypeError);
    }
    const parsed = { headers: signed(body), body: JSON.parse(body) };
    await expect(verifyWebhook(parsed, { secret, now })).rejects.toThrow(TypeError);
  });

  test("from the emulator, with the secret that the API gives", async () => {
    await using emulator = await startEmulator();
    await using client = replicate({ apiToken: "r8_test-token", baseUrl: emulator.urls.replicate });
    const received: string[] = [];
    const server = createServer((request, response) => {
      const message = { headers: request.headers, body: Readable.toWeb(request) as ReadableStream<Uint8Array> };
      client.verifyWebhook(message).then(({ status }) => {
        received.push(status);
        response.end();
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await client.createPrediction("owner/digest", {
      input: {},
      webhook: `http://127.0.0.1:${port}`,
      webhookEvents: ["start", "completed"],
    });
    await expect.poll(() => received, { timeout: 10_000 }).toEqual(["processing", "succeeded"]);
    expect(emulator.requests.filter(({ route }) => route === "webhooks.secret")).toHaveLength(1);
    server.close();
    server.closeAllConnections();
  });
});
