import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { serve } from "../../test-support/servers.ts";

const GiB = 1024 ** 3;

interface Report {
  readonly rss: number;
  readonly arrayBuffers: number;
}

/** Runs a child process that uploads `size` bytes, as `body` makes them of `source`, and says what it needed. */
async function upload(url: string, size: number, body: string): Promise<Report> {
  const entry = JSON.stringify(fileURLToPath(new URL("../../dist/node/index.js", import.meta.url)));
  const script = `
    import { bytesBody, createClient, jsonBody, multipartBody } from ${entry};
    const source = {
      size: ${size}, name: "zeros", type: undefined, replayable: true, fingerprint: undefined,
      read: async (into, position) => Math.min(into.byteLength, ${size} - position),
      stream({ start = 0, end = ${size} } = {}) {
        return new ReadableStream({
          async pull(controller) {
            const chunk = new Uint8Array(Math.min(262144, end - start));
            start += chunk.byteLength;
            await new Promise(setImmediate);
            if (chunk.byteLength > 0) controller.enqueue(chunk);
            if (start === end) controller.close();
          },
        }, { highWaterMark: 0 });
      },
      close: async () => {}, async [Symbol.asyncDispose]() {},
    };
    const client = createClient({ baseUrl: ${JSON.stringify(url)} });
    const { rss: before, arrayBuffers: own } = process.memoryUsage();
    let rss = 0, arrayBuffers = 0;
    const timer = setInterval(() => {
      const memory = process.memoryUsage();
      rss = Math.max(rss, memory.rss - before);
      arrayBuffers = Math.max(arrayBuffers, memory.arrayBuffers - own);
    }, 5);
    await (await client.request("POST", "/", { body: ${body}, idempotent: true })).json();
    clearInterval(timer);
    process.send({ rss, arrayBuffers });
    process.disconnect();`;
  const child = fork("-", [], { execArgv: ["--input-type=module", "-e", script], stdio: "inherit" });
  const { promise, resolve, reject } = Promise.withResolvers<Report>();
  child.on("message", (report) => resolve(report as Report));
  child.on("exit", (code) => reject(new Error(`The child ended with ${code}`)));
  return promise;
}

test.each([
  ["bytesBody(source)", 4 * GiB, 1],
  ["multipartBody({ data: source })", 2 * GiB, 1],
  ["jsonBody({ file: source })", GiB, 24],
])(
  "%s of %i bytes goes out in constant memory",
  async (body, size, mebibytes) => {
    await using server = await serve((request, response) => request.resume().on("end", () => response.end("{}")));
    const { rss, arrayBuffers } = await upload(server.url, size, body);
    expect(arrayBuffers).toBeLessThan(mebibytes * 1024 ** 2);
    expect(rss).toBeLessThan(96 * 1024 ** 2);
  },
  300_000,
);
