import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { subscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { promisify } from "node:util";
import type { Worker } from "node:worker_threads";
import { adopt, collectBytes } from "@sluice/streams";
import { stageLaws } from "@sluice/streams/testing";
import { describe, expect, test } from "vitest";
import { DigestMismatchError, HashStream, hashSource, StateRefusedError } from "./index.ts";

const run = promisify(execFile);
/** Seeded, so that blocks in the wrong order show. */
const bytes = createHash("shake256", { outputLength: 3_000_001 }).update("seed").digest();
const hex = (algorithm: string, input: Uint8Array = bytes) => createHash(algorithm).update(input).digest("hex");
/** The workers of this process that are alive, by what Node itself says when it starts one. */
const alive = new Map<Worker, Promise<unknown>>();
subscribe("worker_threads", (message) => {
  const { worker } = message as { worker: Worker };
  alive.set(
    worker,
    once(worker, "exit").then(() => alive.delete(worker)),
  );
});

/** Ends when no worker is left; a test in which one stays runs into its timeout. */
async function noneLeft(): Promise<void> {
  await Promise.all(alive.values());
}

describe("hashSource in workers", () => {
  const source = (read: boolean) => ({
    stream: () => new Blob([bytes]).stream(),
    ...(read && { read: async (into: Uint8Array, at: number) => bytes.copy(into, 0, at) }),
  });

  test.each([true, false])("gives the digests, by positional reads: %s, and stops them", async (read) => {
    const digests = await hashSource(source(read), ["md5", "sha256"], { worker: true });
    expect([digests.md5.hex, digests.sha256.hex]).toEqual([hex("md5"), hex("sha256")]);
    const abort = new AbortController();
    const hashing = hashSource(source(read), ["md5"], { worker: true, signal: abort.signal });
    abort.abort("enough");
    await expect(hashing).rejects.toBe("enough");
    await noneLeft();
  });
});

describe("HashStream in workers", () => {
  const laws = stageLaws({
    create: (options) => new HashStream(["sha256", "xxh64"], { ...options, worker: true }),
    expected: (input) => input,
    runs: 1,
  }).filter(({ name }) => name.includes("native"));
  test.each(laws.map(({ name, check }) => [name, check] as const))("%s", (_, check) => check(), 60_000);

  test.each([1000, 65_536, 2_500_000])("hashes in one worker an algorithm, in chunks of %i bytes", async (size) => {
    const hash = new HashStream(["md5", "sha256", "blake3"], { worker: true });
    expect(hash.where).toBe(undefined);
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    expect(Buffer.from(await collectBytes(adopt(chunks).pipeThrough(hash))).equals(bytes)).toBe(true);
    const { md5, sha256 } = await hash.digests;
    expect([md5.hex, sha256.hex]).toEqual([hex("md5"), hex("sha256")]);
    expect(hash.where).toBe("worker");
    expect(hash.engines).toEqual({ md5: "node:crypto", sha256: "node:crypto", blake3: "hash-wasm" });
    await noneLeft();
  });

  test("passes the caller's chunk on, and leaves it where it is", async () => {
    const hash = new HashStream("md5", { worker: true });
    const chunk = Uint8Array.of(1, 2, 3);
    const [passed] = await Array.fromAsync(adopt([chunk]).pipeThrough(hash));
    expect(passed).toBe(chunk);
    expect(chunk.buffer.byteLength).toBe(3);
  });

  test("saves on the way and resumes, of all at one byte", async () => {
    const first = new HashStream(["sha512", "crc32c"], { worker: true, resumable: true });
    const writer = first.writable.getWriter();
    const reader = first.readable.getReader();
    writer.write(bytes.subarray(0, 1_500_000)).catch(() => {});
    await reader.read();
    // Asked for while the second piece waits for blocks.
    const [{ sha512, crc32c }] = await Promise.all([first.save(), reader.read()]);
    expect(sha512.size).toBe(crc32c.size);
    await writer.abort("stop").catch(() => {});
    await expect(first.digests).rejects.toBe("stop");

    const second = new HashStream(["sha512", "crc32c"], { worker: true, from: { sha512, crc32c } });
    await collectBytes(adopt([bytes.subarray(sha512.size)]).pipeThrough(second));
    expect((await second.digest).hex).toBe(hex("sha512"));
    expect((await second.save()).sha512.size).toBe(bytes.length);
  });

  test("refuses a state, at the latest before the first byte passes", async () => {
    const first = new HashStream("md5", { resumable: true });
    await collectBytes(adopt([bytes]).pipeThrough(first));
    const { md5 } = await first.save();
    expect(() => new HashStream("sha1", { worker: true, from: md5 })).toThrow(StateRefusedError);
  });

  test.each(["abort", "cancel", "mismatch", "bad chunk"])("leaves no worker behind after: %s", async (end) => {
    const reason = new Error(end);
    const hash = new HashStream(["md5", "sha1"], {
      worker: true,
      ...(end === "mismatch" && { expect: { sha1: "00".repeat(20) } }),
    });
    const writer = hash.writable.getWriter();
    const reader = hash.readable.getReader();
    writer.closed.catch(() => {});
    writer.write(bytes).catch(() => {});
    await reader.read();
    expect(alive.size).toBe(2);
    if (end === "abort") await writer.abort(reason).catch(() => {});
    if (end === "cancel") await reader.cancel(reason);
    if (end === "bad chunk") writer.write("text" as never).catch(() => {});
    if (end === "mismatch") writer.close().catch(() => {});
    const drained = (async () => {
      while (!(await reader.read()).done);
    })().catch((error: unknown) => error);
    const error = await hash.digests.catch((error: unknown) => error);
    if (end === "mismatch") expect(error).toBeInstanceOf(DigestMismatchError);
    else if (end === "bad chunk") expect(error).toBeInstanceOf(TypeError);
    else expect(error).toBe(reason);
    await drained;
    await noneLeft();
  });

  test("starts none when it is aborted before the first byte", async () => {
    const hash = new HashStream("md5", { worker: true });
    await hash.writable.abort("never");
    await expect(hash.digest).rejects.toBe("never");
    expect(alive.size).toBe(0);
  });
});

/** Runs a program against the built package, as a user's process would. */
async function program(source: string, ...flags: string[]): Promise<unknown> {
  const { stdout } = await run(
    process.execPath,
    [...flags, "--no-warnings", "--input-type=module", "-e", `import { HashStream } from "@sluice/hash";\n${source}`],
    { cwd: import.meta.dirname, timeout: 20_000 },
  );
  return JSON.parse(stdout);
}

const HASH = `
  const events = [];
  const hash = new HashStream(["md5", "crc32"], { worker: true, onEvent: (event) => events.push([event.type, event.reason.code]) });
  await new Blob(["123456789"]).stream().pipeThrough(hash).pipeTo(new WritableStream());
  const { md5, crc32 } = await hash.digests;
  console.log(JSON.stringify({ where: hash.where, events, md5: md5.hex, crc32: crc32.hex }));`;
const digests = { md5: "25f9e794323b453885f5181f1b624d0b", crc32: "cbf43926" };

describe("HashStream with worker: true in a process", () => {
  test("works from the built files, and lets the process end by itself", async () => {
    expect(await program(HASH)).toEqual({ where: "worker", events: [], ...digests });
  });

  test("falls back to the calling thread where workers are forbidden, and says so", async () => {
    expect(await program(HASH, "--permission", "--allow-fs-read=*")).toEqual({
      where: "thread",
      events: [["worker-unavailable", "ERR_ACCESS_DENIED"]],
      ...digests,
    });
  });

  test("lets the process end with a stream that nobody finishes", async () => {
    const abandoned = await program(`
      const hash = new HashStream("md5", { worker: true });
      const writer = hash.writable.getWriter();
      writer.write(new Uint8Array(1e6));
      await hash.readable.getReader().read();
      console.log(JSON.stringify(hash.where));`);
    expect(abandoned).toBe("worker");
  });

  test("never ends the process by a rejection that nobody looks at", async () => {
    const survived = await program(`
      for (const worker of [false, true]) {
        new HashStream("md5", { worker }).writable.abort(new Error("abort"));
        new HashStream("md5", { worker }).readable.cancel(new Error("cancel"));
        await new Blob(["x"]).stream().pipeThrough(new HashStream("md5", { worker, expect: "00".repeat(16) }))
          .pipeTo(new WritableStream()).catch(() => {});
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
      console.log("true");`);
    expect(survived).toBe(true);
  });
});
