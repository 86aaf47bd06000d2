import { adopt, collectBytes } from "@sluice/streams";
import { stageLaws } from "@sluice/streams/testing";
import { describe, expect, expectTypeOf, test } from "vitest";
import * as ponyfill from "web-streams-polyfill";
import { createHasher, type Digest, DigestMismatchError, HashStream, hashCodec } from "./index.ts";

const families = [
  ["native", globalThis],
  ["ponyfill", ponyfill],
] as const;
const ascii = (text: string) => new TextEncoder().encode(text);
const CHECK = ascii("123456789");
const CRC32 = "cbf43926";
const MD5 = "25f9e794323b453885f5181f1b624d0b";

describe("HashStream", () => {
  const laws = stageLaws({
    create: (options) => new HashStream(["sha256", "crc32c", "xxh64"], options),
    expected: (input) => input,
  });
  test.each(laws.map(({ name, check }) => [name, check] as const))("%s", (_, check) => check());

  test("passes each chunk on as it is, and larger ones in views of 1 MiB", async () => {
    const chunks = [CHECK, new Uint8Array(0), CHECK.subarray(2, 4), new Uint8Array((1 << 20) + 1)];
    const hash = new HashStream("crc32");
    const output = await Array.fromAsync(adopt(chunks).pipeThrough(hash));
    expect(output.slice(0, 3).map((chunk, index) => chunk === chunks[index])).toEqual([true, true, true]);
    expect(output.slice(3).map(({ byteLength }) => byteLength)).toEqual([1 << 20, 1]);
    expect(output[4]?.buffer).toBe(chunks[3]?.buffer);
  });

  test("copies shared memory, which the rest of the pipe could not take", async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(9));
    shared.set(CHECK);
    const hash = new HashStream("crc32");
    const [chunk] = await Array.fromAsync(adopt([shared]).pipeThrough(hash));
    expect(chunk?.buffer).toBeInstanceOf(ArrayBuffer);
    expect((await hash.digest).hex).toBe(CRC32);
  });

  test("types its digests by the names given", async () => {
    const hash = new HashStream(["md5", "sha256"]);
    expectTypeOf(hash.digests).resolves.toEqualTypeOf<{ readonly md5: Digest; readonly sha256: Digest }>();
    const one = new HashStream("blake3");
    expectTypeOf(one.digests).resolves.toEqualTypeOf<{ readonly blake3: Digest }>();
    const custom = new HashStream(["md5", { algorithm: "sum", update() {}, digest: () => new Uint8Array(1) }]);
    expectTypeOf(custom.digests).resolves.toEqualTypeOf<{ readonly md5: Digest; readonly sum: Digest }>();
    // @ts-expect-error unknown algorithms do not compile
    expect(() => new HashStream("sha3")).toThrow(RangeError);
    await Promise.all([hash.writable.abort(), one.writable.abort(), custom.writable.abort()]);
  });
});

describe.each(families)("HashStream (%s)", (_, streams) => {
  const through = async (hash: { readable: ReadableStream; writable: WritableStream }, chunks: Uint8Array[]) =>
    collectBytes(adopt(chunks, streams).pipeThrough(hash));

  test("gives the digest of the first, and all by name", async () => {
    const hash = new HashStream(["md5", "crc32"], { streams });
    await through(hash, [CHECK.subarray(0, 4), CHECK.subarray(4)]);
    expect((await hash.digest).hex).toBe(MD5);
    const { md5, crc32 } = await hash.digests;
    expect([md5.hex, crc32.hex, crc32.base64]).toEqual([MD5, CRC32, "y/Q5Jg=="]);
    expect(hash.where).toBe("thread");
    expect(Object.keys(hash.engines)).toEqual(["md5", "crc32"]);
  });

  test("digests an empty stream", async () => {
    const hash = new HashStream("md5", { streams });
    expect(await through(hash, [])).toEqual(new Uint8Array(0));
    expect((await hash.digest).hex).toBe("d41d8cd98f00b204e9800998ecf8427e");
  });

  test("is not done before the last byte has passed", async () => {
    const hash = new HashStream("crc32", { streams });
    let settled = false;
    hash.digest.then(() => {
      settled = true;
    });
    const writer = hash.writable.getWriter();
    const reader = hash.readable.getReader();
    writer.write(CHECK);
    expect((await reader.read()).value).toBe(CHECK);
    for (let turn = 0; turn < 10; turn += 1) await null;
    expect(settled).toBe(false);
    await Promise.all([writer.close(), reader.read()]);
    expect((await hash.digest).hex).toBe(CRC32);
  });

  test.each([
    ["hexadecimal", { md5: MD5.toUpperCase(), crc32: undefined }],
    ["bytes", { md5: Uint8Array.from(MD5.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16)) }],
  ])("lets pass what is expected, given as %s", async (_, expect_) => {
    const hash = new HashStream(["md5", "crc32"], { expect: expect_, streams });
    expect(await through(hash, [CHECK])).toEqual(CHECK);
    await hash.digests;
  });

  test("fails before the end can be seen when the bytes are others", async () => {
    const hash = new HashStream(["md5", "crc32"], { expect: { md5: MD5, crc32: "DEADBEEF" }, streams });
    const reader = adopt([CHECK], streams).pipeThrough(hash).getReader();
    await reader.read();
    const error = await reader.read().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(DigestMismatchError);
    expect(error).toMatchObject({
      code: "digest-mismatch",
      retryable: false,
      algorithm: "crc32",
      expected: "deadbeef",
      actual: CRC32,
      message: "The bytes are not those that were expected: their crc32 should be deadbeef and is cbf43926",
    });
    await expect(hash.digest).rejects.toBe(error);
    await expect(hash.digests).rejects.toBe(error);
  });

  test.each(["abort", "cancel", "source"])("rejects its digests with the reason of an end by %s", async (end) => {
    const reason = new Error(end);
    const hash = new HashStream(["md5", "sha1"], { streams });
    if (end === "abort") await hash.writable.abort(reason);
    else if (end === "cancel") await hash.readable.cancel(reason);
    else {
      const source = adopt(
        (async function* () {
          yield CHECK;
          throw reason;
        })(),
        streams,
      );
      await expect(collectBytes(source.pipeThrough(hash))).rejects.toBe(reason);
    }
    await expect(hash.digest).rejects.toBe(reason);
    await expect(hash.digests).rejects.toBe(reason);
    await expect(hash.save()).rejects.toThrow();
  });

  test("fails at a chunk that is not bytes, naming what was received", async () => {
    for (const [chunk, received] of [
      ["text", "string"],
      [null, "null"],
      [[1], "an array"],
      [new ArrayBuffer(1), "ArrayBuffer"],
    ]) {
      const hash = new HashStream("md5", { streams });
      const reading = through(hash, [chunk as unknown as Uint8Array]);
      await expect(reading).rejects.toThrow(
        new TypeError(`Cannot hash a chunk: expected a Uint8Array, received ${received}`),
      );
      await expect(hash.digest).rejects.toThrow(TypeError);
    }
  });

  test("saves its states on the way, resumes from them, and has the last ones at its end", async () => {
    const first = new HashStream(["md5", "crc64nvme"], { resumable: true, streams });
    const writer = first.writable.getWriter();
    const reader = first.readable.getReader();
    await Promise.all([writer.write(CHECK.subarray(0, 5)), reader.read()]);
    const from = JSON.parse(JSON.stringify(await first.save()));
    expect([from.md5.size, from.crc64nvme.size]).toEqual([5, 5]);
    await Promise.all([writer.close(), reader.read()]);
    expect(await first.save()).toEqual(from);

    const second = new HashStream(["md5", "crc64nvme"], { from, streams });
    await through(second, [CHECK.subarray(5)]);
    const { md5, crc64nvme } = await second.digests;
    expect([md5.hex, crc64nvme.hex]).toEqual([MD5, "ae8b14860a799888"]);

    const bare = new HashStream("md5", { from: from.md5, streams });
    await through(bare, [CHECK.subarray(5)]);
    expect((await bare.digest).hex).toBe(MD5);
    await expect(new HashStream("md5", { streams }).save()).rejects.toThrow(/resumable/);
  });

  test("takes hashers from elsewhere beside its own", async () => {
    let sum = 0;
    const resumed = await createHasher("crc32");
    resumed.update(CHECK.subarray(0, 3));
    const custom = {
      algorithm: "sum" as const,
      update: (bytes: Uint8Array) => {
        for (const byte of bytes) sum = (sum + byte) & 255;
      },
      digest: () => Uint8Array.of(sum),
    };
    const hash = new HashStream(["md5", custom, resumed], { expect: { sum: "47" }, streams });
    await through(hash, [CHECK.subarray(3)]);
    const digests = await hash.digests;
    expect([digests.sum.hex, digests.crc32.hex]).toEqual(["47", CRC32]);
    expect(hash.engines).toMatchObject({ sum: "custom" });
  });
});

test("hashCodec works without streams", async () => {
  const codec = hashCodec("crc32");
  await codec.start?.();
  const output: Uint8Array[] = [];
  codec.transform(CHECK, (chunk) => output.push(chunk));
  codec.flush?.(() => {});
  expect(output[0]).toBe(CHECK);
  expect((await codec.digest).hex).toBe(CRC32);
});
