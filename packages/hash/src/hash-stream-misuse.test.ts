import { adopt, collectBytes } from "@sluice/streams";
import { expect, test } from "vitest";
import { type Algorithm, HashStream } from "./index.ts";

test("HashStream says what is wrong with its arguments, at once", () => {
  const construct = (algorithms: unknown, options?: object) => () =>
    new HashStream(algorithms as Algorithm, options as { expect?: string });
  const known = "md5, sha1, sha256, sha512, blake3, crc32, crc32c, crc64nvme, xxh64";
  expect(construct("sha3")).toThrow(
    new RangeError(`Cannot construct HashStream: "algorithm" must be one of ${known}, received "sha3"`),
  );
  expect(construct(undefined)).toThrow(TypeError);
  expect(construct({ algorithm: "x" })).toThrow(TypeError);
  expect(construct([])).toThrow(RangeError);
  expect(construct(["md5", "md5"])).toThrow(new RangeError('Cannot construct HashStream: received "md5" twice'));
  expect(construct("md5", { expect: "00" })).toThrow(
    new RangeError(
      'Cannot construct HashStream: the md5 expected must be 16 bytes, or 32 hexadecimal digits, received "00"',
    ),
  );
  expect(construct("md5", { expect: "g".repeat(32) })).toThrow(RangeError);
  expect(construct("md5", { expect: "" })).toThrow(RangeError);
  expect(construct("md5", { expect: new Uint8Array(20) })).toThrow("received 20 bytes");
  expect(construct("md5", { expect: 1 })).toThrow(TypeError);
  expect(construct("md5", { expect: { md5: 1 } })).toThrow(TypeError);
  expect(construct("md5", { expect: { sha1: "00".repeat(20) } })).toThrow(
    new RangeError('Cannot construct HashStream: "expect" must name algorithms of this stage (md5), received "sha1"'),
  );
  expect(construct(["md5", "sha1"], { expect: "00".repeat(16) })).toThrow(TypeError);
  expect(construct("md5", { resumable: 1 })).toThrow(TypeError);
  expect(construct("md5", { worker: "yes" })).toThrow(TypeError);
  expect(construct("md5", { onEvent: 1 })).toThrow(TypeError);
  expect(construct("md5", { streams: {} })).toThrow(TypeError);
  const custom = { algorithm: "sum", update() {}, digest: () => new Uint8Array(1) };
  expect(construct(custom, { resumable: true })).toThrow(/save function/);
  expect(construct(custom, { worker: true })).toThrow(/worker/);
});

test("a hasher from elsewhere that gives no bytes fails the stage", async () => {
  const hash = new HashStream({ algorithm: "hex", update() {}, digest: () => "00" as never });
  await expect(collectBytes(adopt([Uint8Array.of(1)]).pipeThrough(hash))).rejects.toThrow(
    new TypeError("Cannot take the digest of hex: the hasher passed must give a Uint8Array, received string"),
  );
});
