import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { startEmulator } from "@sluice/emulator";
import { expect, test } from "vitest";

const MIB = 1024 * 1024;
const SIZE = 2048 * MIB;
const at = (name: string) => JSON.stringify(fileURLToPath(import.meta.resolve(name)));

/** Every MiB is stamped with its own offset, so that parts that change places are seen. */
function* stamped(start = 0, end = SIZE): Generator<Buffer> {
  for (let position = start; position < end; ) {
    const block = Buffer.alloc(MIB);
    const first = Math.floor(position / MIB) * MIB;
    block.writeBigUInt64BE(BigInt(first + 1));
    const piece = block.subarray(position - first, Math.min(MIB, end - first));
    position += piece.byteLength;
    yield piece;
  }
}

/** A server that has the file, as object stores do. */
async function origin(): Promise<{ url: string; bytes: () => number } & AsyncDisposable> {
  let bytes = 0;
  const server = createServer((request, response) => {
    const [, start, end] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    const [from, to] = [Number(start ?? 0), end ? Number(end) + 1 : SIZE];
    response.writeHead(start === undefined ? 200 : 206, {
      "content-length": to - from,
      "content-type": "application/jsonl",
      "accept-ranges": "bytes",
      etag: '"v1"',
      ...(start === undefined ? {} : { "content-range": `bytes ${from}-${to - 1}/${SIZE}` }),
    });
    if (request.method === "HEAD") return void response.end();
    const body = Readable.from(stamped(from, to), { objectMode: true, highWaterMark: 1 });
    body.on("data", (chunk: Buffer) => {
      bytes += chunk.byteLength;
    });
    body.pipe(response).on("close", () => body.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/data.jsonl?signature=planted`,
    bytes: () => bytes,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

test("2 GiB from a URL to OpenAI pass through a process of at most 130 MB", async () => {
  await using source = await origin();
  await using emulator = await startEmulator();
  const sender = spawn(
    process.execPath,
    [
      "--input-type=module",
      "--eval",
      `import { openai } from ${at("@sluice/openai")};
      await using client = openai({ apiKey: "any", baseUrl: ${JSON.stringify(emulator.urls.openai)} });
      await client.send(new URL(${JSON.stringify(source.url)}), { purpose: "batch" });
      console.log(process.resourceUsage().maxRSS * 1024);`,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let peak = "";
  sender.stdout.on("data", (text) => {
    peak += text;
  });
  const [code] = await once(sender, "close");
  expect(code).toBe(0);
  const sha256 = createHash("sha256");
  for (const block of stamped()) sha256.update(block);
  const [file] = emulator.files.list();
  expect(file).toMatchObject({ name: "data.jsonl", size: SIZE, sha256: sha256.digest("hex") });
  console.log(`peak RSS ${(Number(peak) / 1e6).toFixed(1)} MB`);
  // Each byte once, and the first one twice: for the look at the URL.
  expect(source.bytes()).toBe(SIZE + 1);
  expect(Number(peak)).toBeLessThanOrEqual(130e6);
});
