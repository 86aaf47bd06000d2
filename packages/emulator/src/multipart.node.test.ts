import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ByteSink } from "./byte-sink.ts";
import { IncomingBody } from "./incoming-body.ts";
import { type Form, type FormFileInfo, receiveForm } from "./multipart.ts";
import { RequestRefused } from "./request-refused.ts";

// The form is received from a real socket: what is sent in one write arrives as one chunk, up to 64 KiB.
type Outcome = { form: Form; sha256: Map<string, string> } | { error: unknown };

let sinkFor: (field: string, info: FormFileInfo) => ByteSink | undefined;
let outcome: PromiseWithResolvers<Outcome>;
let aborted: number;
let received: number;
let settled: boolean;
let hashes: Map<string, string>;
const server = createServer(async (request: IncomingMessage, response) => {
  const body = new IncomingBody(
    request,
    {},
    () => request.destroy(),
    (bytes) => {
      received += bytes;
    },
  );
  const rules = { fileLimit: 1e9, tooLarge: 400, sinkFor: (field: string, info: FormFileInfo) => sinkFor(field, info) };
  try {
    outcome.resolve({ form: await receiveForm(body, request.headers, rules), sha256: hashes });
  } catch (error) {
    outcome.resolve({ error });
  }
  settled = true;
  response.end();
});
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

/** Hashes what it gets; every `holdEvery`th write asks to wait, and only then looks at the bytes. */
function hashingSink(field: string, holdEvery: number): ByteSink {
  const hash = createHash("sha256");
  let writes = 0;
  let size = 0;
  const take = (chunk: Uint8Array) => {
    if (chunk.length === 0) throw new Error("a chunk was let go of before it was used");
    size += chunk.length;
    hash.update(chunk);
  };
  return {
    write(chunk) {
      writes += 1;
      if (writes % holdEvery !== 0) {
        take(chunk);
        return undefined;
      }
      return new Promise((resolve) => setImmediate(() => resolve(take(chunk))));
    },
    async finish() {
      hashes.set(field, hash.digest("hex"));
      return { size, digests: undefined, path: undefined };
    },
    abort() {
      aborted += 1;
    },
  };
}

async function send(
  writes: readonly Buffer[],
  contentType: string,
  options: { holdEvery?: number; cut?: boolean } = {},
) {
  outcome = Promise.withResolvers<Outcome>();
  hashes = new Map();
  aborted = 0;
  received = 0;
  settled = false;
  sinkFor = (field) => hashingSink(field, options.holdEvery ?? Infinity);
  const length = writes.reduce((sum, { length }) => sum + length, 0) + (options.cut ? 1 : 0);
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.setNoDelay(true);
  socket.on("error", () => {});
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Type: ${contentType}\r\nContent-Length: ${length}\r\n\r\n`);
  let sent = 0;
  for (const bytes of writes) {
    sent += bytes.length;
    socket.write(bytes);
    // What the server has not read yet would come as one chunk with what is written next.
    while (received < sent && !settled) await new Promise(setImmediate);
  }
  if (options.cut) socket.destroy();
  const result = await outcome.promise;
  socket.destroy();
  return result;
}

interface Part {
  field: string;
  filename: string | undefined;
  content: Buffer;
}

function encode(parts: readonly Part[], boundary: string): Buffer {
  const pieces = parts.flatMap(({ field, filename, content }) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${field}"` +
        `${filename === undefined ? "" : `; filename="${filename}"`}\r\n\r\n`,
    ),
    content,
    Buffer.from("\r\n"),
  ]);
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
}

/** Content that keeps almost becoming a boundary. */
function nearMisses(boundary: string, size: number, seed: number): Buffer {
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // What no boundary holds, so that none comes about by chance.
  const content = Buffer.alloc(size, "~");
  let state = seed;
  for (let at = 0; at < size; ) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    at += delimiter.copy(content, at, 0, (state >>> 16) % delimiter.length) + 1;
  }
  return content;
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b);
  return [0, ...places].map((start, index) => bytes.subarray(start, places[index] ?? bytes.length));
}

test("a form comes out the same however it is split, held or nearly ended", async () => {
  const boundary = fc.stringMatching(/^[0-9A-Za-z'()+_,./:=?-]{1,70}$/);
  const cuts = fc.array(fc.nat(400_000), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(boundary, fc.nat(300_000), fc.nat(), cuts, fc.integer({ min: 1, max: 5 }), async (...args) => {
      const [edge, size, seed, places, holdEvery] = args;
      const data = nearMisses(edge, size, seed);
      const small = nearMisses(edge, seed % 300, seed);
      const body = encode(
        [
          { field: "before", filename: undefined, content: Buffer.from("batch") },
          { field: "small", filename: "s", content: small },
          { field: "data", filename: "日本語.bin", content: data },
          { field: "after", filename: undefined, content: Buffer.from("é") },
        ],
        edge,
      );
      const result = await send(cutAt(body, places), `multipart/form-data; boundary="${edge}"`, { holdEvery });
      if ("error" in result) throw result.error;
      expect([...result.form.fields]).toEqual([
        ["before", "batch"],
        ["after", "é"],
      ]);
      expect(result.form.files.get("data")).toMatchObject({ filename: "日本語.bin", size: data.length });
      expect(result.sha256.get("data")).toBe(createHash("sha256").update(data).digest("hex"));
      expect(result.sha256.get("small")).toBe(createHash("sha256").update(small).digest("hex"));
    }),
    { numRuns: 60 },
  );
});

test("every place to split around a boundary is found", async () => {
  const body = encode([{ field: "data", filename: "a", content: Buffer.from("hello\r\n--") }], "edge");
  for (let cut = 1; cut < body.length; cut++) {
    const result = await send(cutAt(body, [cut]), "multipart/form-data; boundary=edge");
    expect(result, `cut at ${cut}`).toMatchObject({ form: { files: new Map([["data", { size: 9 }]]) } });
  }
});

test("a file of many chunks is whole when its sink keeps asking to wait", async () => {
  const content = nearMisses("edge", 8_000_000, 1);
  const body = encode([{ field: "data", filename: "a", content }], "edge");
  const result = await send([body], "multipart/form-data; boundary=edge", { holdEvery: 2 });
  if ("error" in result) throw result.error;
  expect(result.sha256.get("data")).toBe(createHash("sha256").update(content).digest("hex"));
});

test("a file that begins in the last bytes of a chunk is not let go of with it", async () => {
  const files = [Buffer.alloc(40_000, "a"), Buffer.alloc(60, "b")] as const;
  const body = encode(
    files.map((content, index) => ({ field: `file${index}`, filename: "x", content })),
    "edge",
  );
  // The second chunk is the rest of the first file, and the whole of the second within 256 bytes.
  const result = await send(cutAt(body, [10_000, body.length - 10]), "multipart/form-data; boundary=edge");
  if ("error" in result) throw result.error;
  for (const [index, content] of files.entries()) {
    expect(result.sha256.get(`file${index}`)).toBe(createHash("sha256").update(content).digest("hex"));
  }
});

describe("refuses", () => {
  const form = encode([{ field: "data", filename: "a", content: Buffer.alloc(2000, "x") }], "edge");
  const cases: [string, Buffer, string, RegExp][] = [
    ["another type", form, "text/plain", /expected multipart\/form-data/],
    ["no boundary", form, "multipart/form-data", /[Bb]oundary/],
    ["a boundary that is too long", form, `multipart/form-data; boundary=${"x".repeat(300)}`, /Malformed/],
    ["a boundary that never comes", form, "multipart/form-data; boundary=other", /Unexpected end/],
    [
      "a form that breaks off",
      form.subarray(0, 1500),
      "multipart/form-data; boundary=edge",
      /Unexpected end|terminated/,
    ],
    ["nothing", Buffer.alloc(0), "multipart/form-data; boundary=edge", /Unexpected end/],
    [
      "a text field without end",
      encode([{ field: "data", filename: undefined, content: Buffer.alloc(70_000, "x") }], "edge"),
      "multipart/form-data; boundary=edge",
      /'data' has no file name/,
    ],
    [
      "a field for every byte",
      encode(
        Array.from({ length: 200 }, (_, index) => ({
          field: `data[${index}]`,
          filename: undefined,
          content: Buffer.from("1"),
        })),
        "edge",
      ),
      "multipart/form-data; boundary=edge",
      /more than 100 fields/,
    ],
  ];

  test.each(cases)("%s", async (_what, body, type, message) => {
    const result = await send([body], type);
    expect(result).toMatchObject({ error: expect.any(RequestRefused) });
    expect((result as { error: Error }).error.message).toMatch(message);
  });

  test("headers without end, as a part that is not there", async () => {
    const body = Buffer.from(
      `--edge\r\nX: ${"x".repeat(50_000)}\r\nContent-Disposition: form-data; name="data"; filename="a"\r\n\r\n\r\n--edge--\r\n`,
    );
    const result = await send([body], "multipart/form-data; boundary=edge");
    expect(result).toMatchObject({ form: { files: new Map() } });
  });
});

test("a client that goes away has its sink let go of", async () => {
  const body = encode([{ field: "data", filename: "a", content: Buffer.alloc(500_000, "x") }], "edge");
  const result = await send([body.subarray(0, 300_000)], "multipart/form-data; boundary=edge", { cut: true });
  expect(result).toMatchObject({ error: { name: "ConnectionLost" } });
  expect(aborted).toBe(1);
});
