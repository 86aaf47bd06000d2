import { createHash, randomBytes } from "node:crypto";
import { type Emulator, startEmulator } from "@sluice/emulator";
import { streamSource } from "@sluice/source";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Replicate, replicate } from "./index.ts";

// Bytes that come once: streamed as they come, never held, never sent again.
let emulator: Emulator;
let client: Replicate;

beforeEach(async () => {
  emulator = await startEmulator();
  client = replicate({ apiToken: "r8_test-token", baseUrl: emulator.urls.replicate, retry: { base: 5 } });
});
afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await emulator.close();
});

/** Seeded, so that no two blocks are alike. */
async function* blocks(count: number, hash = createHash("sha256")): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index += 1) {
    const block = Buffer.alloc(65_536);
    for (let at = 0; at < block.length; at += 8) block.writeBigUInt64BE(BigInt(index * block.length + at), at);
    hash.update(block);
    yield block;
  }
}

describe("a stream", () => {
  test("of unknown length is uploaded as it comes", async () => {
    const hash = createHash("sha256");
    const reference = await client.send(blocks(20, hash));
    expect(reference).toMatchObject({
      method: "upload",
      size: 20 * 65_536,
      reason: expect.stringContaining("not known"),
    });
    expect(emulator.files.get(reference.raw?.id ?? "")?.sha256).toBe(hash.digest("hex"));
    expect(emulator.requests[0]?.headers["transfer-encoding"]).toBe("chunked");
  });

  test("of known length has a Content-Length; a small one is a data URI", async () => {
    const source = streamSource(blocks(5), { size: 5 * 65_536, name: "a.bin" });
    expect((await client.send(source)).method).toBe("upload");
    expect(emulator.requests[0]?.headers["content-length"]).toBeDefined();
    const bytes = randomBytes(1000);
    const small = await client.send(streamSource([bytes], { size: 1000, type: "a/b" }));
    expect(small.value).toBe(`data:a/b;base64,${bytes.toString("base64")}`);
  });

  test("that passes the limit is too-large, and ends there", async () => {
    let taken = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        taken += 65_536;
        yield new Uint8Array(65_536);
      }
    }
    const error = await client.send(endless(), { maxBytes: 1_000_000 }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "too-large", limit: 1_000_000 });
    expect(String(error)).toMatch(/pass a URL/);
    expect(taken).toBeLessThan(4_000_000);
  });

  test("is not sent again after a failure", async () => {
    emulator.faults.set([{ match: { route: "files.create" }, do: { resetAfterBytes: 100_000 } }]);
    await expect(client.send(blocks(50))).rejects.toMatchObject({ code: "http" });
    expect(emulator.requests).toHaveLength(1);
  });

  test("in an input", async () => {
    const hash = createHash("sha256");
    const { files } = await client.run<{ files: { sha256: string }[] }>("owner/model", {
      input: { audio: new Response(new Blob([await Array.fromAsync(blocks(5, hash)).then(Buffer.concat)])).body },
    });
    expect(files[0]?.sha256).toBe(hash.digest("hex"));
  });
});
