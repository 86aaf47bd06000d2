import { request } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DiscardingServer, startDiscardingServer } from "./discarding-server.ts";

let server: DiscardingServer;
beforeEach(async () => {
  server = await startDiscardingServer();
});
afterEach(() => server.close());

/** Sends pieces one by one, each after the other has left, and returns all that came back once `until` is in it. */
async function talk(pieces: readonly string[], until: RegExp): Promise<string> {
  const socket = connect({ port: Number(new URL(server.url).port), host: "127.0.0.1", noDelay: true });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let heard = "";
  socket.on("error", reject).on("data", (bytes) => {
    heard += bytes;
    if (until.test(heard)) resolve(heard);
  });
  socket.on("end", () => resolve(heard));
  for (const piece of pieces) await new Promise((sent) => void socket.write(piece, "latin1", sent));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}

const counted = (heard: string) => [...heard.matchAll(/\{"bytes":(\d+)\}/g)].map((match) => Number(match[1]));

describe("startDiscardingServer", () => {
  const sized = "PUT /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcde";
  const chunked = "POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\n\r\n\r\n\r\n0\r\n\r\n";

  test.for([
    ["whole", [sized, chunked]],
    ["pipelined in one write", [sized + chunked]],
    ["byte by byte", [...(sized + chunked)]],
    ["cut in halves", [sized.slice(0, 40), sized.slice(40) + chunked.slice(0, 60), chunked.slice(60)]],
  ] as const)("counts Content-Length and chunked bodies on one connection, sent %s", async ([, pieces]) => {
    expect(counted(await talk(pieces, /7\}/))).toEqual([5, 7]);
    expect(server.counts()).toMatchObject({ bytes: 12, requests: 2 });
  });

  test("counts large bodies of fetch, of both framings, over one another", async () => {
    const size = 3_000_001;
    const whole = new Blob([new Uint8Array(size)]);
    const send = async (body: Blob | ReadableStream) => {
      const options: RequestInit & { duplex: "half" } = { method: "POST", body, duplex: "half" };
      return (await fetch(server.url, options)).json();
    };
    const replies = await Promise.all([whole, whole.stream(), whole, whole.stream()].map(send));
    expect(replies).toEqual(Array(4).fill({ bytes: size }));
    expect(server.counts()).toMatchObject({ bytes: 4 * size, requests: 4 });
  });

  test("asks a client that waits for 100 Continue to go on", async () => {
    const put = request(server.url, { method: "PUT", headers: { expect: "100-continue", "content-length": 3 } });
    put.on("continue", () => put.end("abc")).flushHeaders();
    const reply = await new Promise<string>((resolve, reject) => {
      put.on("error", reject).on("response", (response) => response.setEncoding("utf8").once("data", resolve));
    });
    expect(reply).toBe('{"bytes":3}');
  });

  test("closes when asked to, and answers nonsense with 400", async () => {
    expect(await talk(["GET / HTTP/1.1\r\nConnection: close\r\n\r\n"], /^$/)).toMatch(/^HTTP\/1.1 200 OK/);
    expect(await talk(["nonsense\r\n"], /^$/)).toMatch(/^HTTP\/1.1 400 /);
  });

  test("forgets connections that ended", async () => {
    const replies = await Promise.all(Array.from({ length: 20 }, () => talk([sized], /\}/)));
    expect(replies.flatMap(counted)).toEqual(Array(20).fill(5));
    while (server.counts().connections > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  test("answers the steps of an OpenAI upload", async () => {
    const post = async (path: string, json: object, body: string | FormData = JSON.stringify(json)) => {
      const headers: HeadersInit = typeof body === "string" ? { "content-type": "application/json" } : {};
      const reply = await fetch(`${server.url}/v1${path}`, { method: "POST", headers, body });
      return (await reply.json()) as Record<string, unknown>;
    };
    const form = new FormData();
    form.set("data", new Blob(["abc"]), "part");
    const created = await post("/uploads", { bytes: 3, filename: "a.bin", purpose: "batch", mime_type: "text/plain" });
    expect(created).toMatchObject({
      object: "upload",
      status: "pending",
      bytes: 3,
      filename: "a.bin",
      purpose: "batch",
    });
    const part = await post(`/uploads/${created.id}/parts`, {}, form);
    expect(part).toMatchObject({ object: "upload.part", upload_id: created.id });
    const completed = await post(`/uploads/${created.id}/complete`, { part_ids: [part.id] });
    expect(completed).toMatchObject({
      id: created.id,
      status: "completed",
      file: { object: "file", bytes: 3, status: "processed" },
    });
    expect(await post(`/uploads/${created.id}/cancel`, {})).toMatchObject({ status: "cancelled" });
  });

  test("serves by data events where Node's handle takes no buffer", async () => {
    const socket = connect({ port: Number(new URL(server.url).port), host: "127.0.0.1" });
    let prototype = Object.getPrototypeOf((socket as unknown as { _handle: object })._handle);
    while (!Object.hasOwn(prototype, "useUserBuffer")) prototype = Object.getPrototypeOf(prototype);
    socket.destroy();
    const { useUserBuffer } = prototype;
    delete prototype.useUserBuffer;
    try {
      expect(counted(await talk([sized + chunked], /7\}/))).toEqual([5, 7]);
    } finally {
      prototype.useUserBuffer = useUserBuffer;
    }
  });
});
