import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { combineCrc, hashSource } from "@sluice/hash";
import { file } from "@sluice/source/node";
import { createBLAKE3, createCRC32, createCRC64, createMD5, createSHA256, createXXHash64 } from "hash-wasm";
import { type Case, defineCase } from "../../harness/case.ts";
import { formatSize, GiB, KiB, MiB } from "../../harness/size.ts";
import { randomBytes } from "./drive.ts";
import { bareCrc, bareHash, bareWasm, codec, hashPipe } from "./hashing.ts";

const SIZES = [64 * KiB, 256 * KiB];

const perSize = SIZES.flatMap((size): Case[] => {
  const at = `${formatSize(size)} chunks`;
  const common = { mode: "in-process", rounds: 7, setup: () => randomBytes(size) } as const;
  const native = (["sha256", "sha1", "md5"] as const).map((algorithm) =>
    defineCase({
      ...common,
      name: `${algorithm}, ${at}`,
      bytes: 512 * MiB,
      quickBytes: 128 * MiB,
      goal: { time: 1.05 },
      guarded: size === 256 * KiB,
      subject: codec(algorithm),
      peer: bareHash(algorithm),
    }),
  );
  const wasm = (
    [
      ["blake3", createBLAKE3, 128 * MiB],
      ["xxh64", createXXHash64, 2 * GiB],
      ["crc32c", () => createCRC32(0x82f63b78), 512 * MiB],
      ["crc64nvme", () => createCRC64("9a6c9329ac4bc9b5"), 512 * MiB],
      ["sha256", createSHA256, 128 * MiB],
      ["md5", createMD5, 256 * MiB],
    ] as const
  ).map(([algorithm, create, bytes]) =>
    defineCase({
      ...common,
      name: `${algorithm} by WebAssembly, ${at}`,
      bytes,
      goal: { time: 1.03 },
      guarded: size === 256 * KiB,
      subject: codec(algorithm, { resumable: true }),
      peer: bareWasm(create),
    }),
  );
  const checksum = defineCase({
    ...common,
    name: `crc32, ${at}`,
    bytes: GiB,
    quickBytes: 512 * MiB,
    goal: { time: 1.11 },
    subject: codec("crc32"),
    peer: bareCrc,
  });
  return [...native, checksum, ...wasm];
});

/** A file's digest, a process each, start-up included. */
const files = (["sha256", "md5"] as const).map(
  (algorithm): Case => ({
    name: `a file's ${algorithm}, beside openssl`,
    mode: "process",
    bytes: GiB,
    file: true,
    rounds: 3,
    note: "openssl's start is within its time, ours is not",
    headline: true,
    goal: { time: 1.05 },
    subject: {
      name: "hashSource(file)",
      async run({ file: path, bytes }) {
        await using source = file(path);
        const digests = await hashSource(source, [algorithm]);
        return { bytes, digest: digests[algorithm].hex };
      },
    },
    peer: {
      name: `openssl ${algorithm}`,
      async run({ file: path, bytes }) {
        const { stdout } = await promisify(execFile)("openssl", ["dgst", "-r", `-${algorithm}`, path]);
        return { bytes, digest: stdout.split(" ", 1)[0] ?? "" };
      },
    },
  }),
);

const pipes = [
  defineCase({
    name: "md5, 256 KiB chunks, whole pipe",
    mode: "in-process",
    bytes: 512 * MiB,
    setup: () => randomBytes(256 * KiB),
    limitedBy: "the hops of a pipe, which the bare loop has not",
    subject: hashPipe("HashStream", ["md5"], false),
    peer: bareHash("md5"),
  }),
  defineCase({
    name: "md5 and sha256 at once in workers, 256 KiB chunks",
    mode: "in-process",
    bytes: GiB,
    quickBytes: 512 * MiB,
    note: "on 2 idle cores",
    limitedBy: "the pipe, two workers and their copies of the bytes want more than two cores",
    goal: { time: 1.25 },
    setup: () => randomBytes(256 * KiB),
    subject: hashPipe("HashStream, worker", ["md5", "sha256"], true),
    peer: hashPipe("HashStream of md5 alone", ["md5"], false),
  }),
  defineCase({
    name: "combineCrc of crc64nvme, 5 MiB parts",
    mode: "in-process",
    bytes: 200_000 * 8,
    note: "goal: ≤ 10 µs each, 100,000 a second",
    subject: {
      name: "combineCrc",
      run({ bytes }) {
        const operations = bytes / 8;
        let value = combineCrc("crc64nvme", "0123456789abcdef", "fedcba9876543210", 5 * MiB);
        for (let index = 1; index < operations; index += 1) {
          value = combineCrc("crc64nvme", value, "fedcba9876543210", 5 * MiB);
        }
        return { bytes, operations, digest: value.hex };
      },
    },
  }),
];

/** `HashStream`, its codec, and `combineCrc`. */
export const hashCases: readonly Case[] = [...perSize, ...pipes, ...files];
