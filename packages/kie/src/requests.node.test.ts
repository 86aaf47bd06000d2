import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { bytesSource } from "@sluice/source";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Kie, kie } from "./index.ts";

// There is no official client. What is compared with is the code of the quickstart, which is short, and what independent
// clients send to the live service.

/** A request as it arrived. */
interface Arrived {
  readonly request: string;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

const key = "kie-recorded-key";
const name = "my-image.jpg";
const uploadPath = "images/user-uploads";
const content = "not really an image";
const data = {
  downloadUrl: "https://tempfile.example/a.jpg",
  fileSize: content.length,
  taskId: "task_flux-2_1765175072483",
  state: "waiting",
};

/**
 * What ours may say otherwise than the quickstart's does, and why. All else is the same.
 * - user-agent: theirs is that of fetch. Ours says nothing.
 * - accept, accept-encoding: ours says that it wants JSON as it is; theirs is what fetch says, that anything goes.
 * - accept-language, sec-fetch-mode, connection: fetch's own.
 * - content-length of forms: boundaries differ in length. That it is right is known by the whole body having arrived.
 */
const ALLOWED = ["user-agent", "accept", "accept-encoding", "accept-language", "sec-fetch-mode", "connection"];

let server: Server;
let baseUrl: string;
let arrived: Arrived[] = [];
let client: Kie;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = Buffer.concat(await request.toArray()).toString();
    const headers = { ...request.headers } as Record<string, unknown>;
    for (const each of [...ALLOWED, "host"]) delete headers[each];
    const boundary = /boundary=(.+)/.exec(String(headers["content-type"]))?.[1];
    if (boundary !== undefined) {
      body = body.replaceAll(boundary, "BOUNDARY");
      headers["content-type"] = "multipart/form-data; boundary=BOUNDARY";
      expect(headers["content-length"]).toBeDefined();
      delete headers["content-length"];
    }
    arrived.push({ request: `${request.method} ${request.url}`, headers, body });
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ success: true, code: 200, msg: "success", data }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = kie({ apiKey: key, baseUrl });
});
beforeEach(() => {
  arrived = [];
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  server.close();
  server.closeAllConnections();
});

const source = () => bytesSource(new TextEncoder().encode(content), { name, type: "image/jpeg" });
const [authorization, json] = [`Bearer ${key}`, "application/json"];

/** The quickstart's own code, but for the host. */
const theirs = {
  stream() {
    const form = new FormData();
    form.append("file", new File([content], name, { type: "image/jpeg" }));
    form.append("uploadPath", uploadPath);
    form.append("fileName", name);
    const headers = { Authorization: authorization };
    return fetch(`${baseUrl}/api/file-stream-upload`, { method: "POST", headers, body: form });
  },
  json(path: string, body: unknown) {
    const headers = { Authorization: authorization, "Content-Type": json };
    return fetch(baseUrl + path, { method: "POST", headers, body: JSON.stringify(body) });
  },
};

/** The parts of a form, in the order of their names: ours puts texts before files, theirs the file first. */
function partsOf({ body }: Arrived): string[] {
  const parts = body.split("--BOUNDARY");
  expect([parts[0], parts.at(-1)?.trim()]).toEqual(["", "--"]);
  return parts.slice(1, -1).sort();
}

describe("ours and the quickstart's requests are the same:", () => {
  test("stream", async () => {
    await client.send(source(), { method: "stream", uploadPath, fileName: name });
    await theirs.stream();
    const [our, their] = arrived as [Arrived, Arrived];
    expect(our.request).toBe("POST /api/file-stream-upload");
    expect({ ...our, body: partsOf(our) }).toEqual({ ...their, body: partsOf(their) });
    expect(our.body).toContain(
      'Content-Disposition: form-data; name="file"; filename="my-image.jpg"\r\nContent-Type: image/jpeg\r\n\r\n',
    );
  });

  test("base64", async () => {
    const base64Data = `data:image/jpeg;base64,${btoa(content)}`;
    await client.send(source(), { method: "base64", uploadPath, fileName: "base64-image.png" });
    await theirs.json("/api/file-base64-upload", { base64Data, uploadPath, fileName: "base64-image.png" });
    expect(arrived[0]).toEqual(arrived[1]);
  });

  test("URL", async () => {
    const fileUrl = "https://example.com/sample-image.jpg";
    await client.send(new URL(fileUrl), { method: "url", uploadPath: "images", fileName: name });
    await theirs.json("/api/file-url-upload", { fileUrl, uploadPath: "images", fileName: name });
    expect(arrived[0]).toEqual(arrived[1]);
  });

  test("a name that is left out is one of ours, never null or empty", async () => {
    await client.send(source(), { uploadPath: "/images/" });
    const { fileName, ...rest } = JSON.parse(arrived[0]?.body ?? "");
    expect(rest).toEqual({ base64Data: expect.any(String), uploadPath: "images" });
    expect(fileName).toMatch(/^[0-9a-f-]{36}\.jpg$/);
  });
});

describe("jobs, as clients of the live service ask for them:", () => {
  test("create", async () => {
    const input = { prompt: "a weir", image_urls: ["https://tempfile.example/a.png"] };
    const callBackUrl = "https://hooks.example/kie";
    const job = await client.createJob("google/nano-banana-edit", input, { callBackUrl });
    expect(arrived).toEqual([
      {
        request: "POST /api/v1/jobs/createTask",
        headers: { authorization, "content-type": json, "content-length": String(arrived[0]?.body.length) },
        body: JSON.stringify({ model: "google/nano-banana-edit", callBackUrl, input }),
      },
    ]);
    expect(JSON.parse(JSON.stringify(job))).toEqual({ taskId: data.taskId, createdAt: expect.stringMatching(/Z$/) });
  });

  test("without a callback there is no member for one", async () => {
    await client.createJob("flux-2", {});
    expect(arrived[0]?.body).toBe('{"model":"flux-2","input":{}}');
  });

  test("record info", async () => {
    await client.task("a b&c").read({ signal: new AbortController().signal, attempt: 1 });
    expect(arrived).toEqual([
      { request: "GET /api/v1/jobs/recordInfo?taskId=a+b%26c", headers: { authorization }, body: "" },
    ]);
  });
});
