import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";
import { type Algorithm, combineCrc, HashStream, hashCodec, hashSource } from "@sluice/hash";
import { file } from "@sluice/source/node";
import {
  createBLAKE3,
  createCRC32,
  createCRC64,
  createMD5,
  createSHA256,
  createXXHash64,
  type IHasher,
} from "hash-wasm";
import { type Case, type Contender, defineCase } from "../../harness/case.ts";
import { formatSize, GiB, KiB, MiB } from "../../harness/size.ts";
import { roundsOf } from "./drive.ts";

const SIZES = [64 * KiB, 256 * KiB];

function randomBytes(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 64 * KiB) crypto.getRandomValues(bytes.subarray(at, Math.min(at + 64 * KiB, size)));
  return bytes;
}

/** The codec driven directly, its engine loaded within the run as a stage loads it. */
function codec(algorithm: Algorithm, options: { resumable?: boolean } = {}): Contender<Uint8Array> {
  return {
    name: "hashCodec",
    async run({ bytes, fixture }) {
      const driven = hashCodec(algorithm, options);
      await driven.start?.();
      let passed = 0;
      const emit = (chunk: Uint8Array) => {
        passed += chunk.length;
      };
      const rounds = roundsOf(bytes, fixture);
      for (let round = 0; round < rounds; round += 1) driven.transform(fixture, emit);
      driven.flush?.(emit);
      return { bytes: passed, digest: (await driven.digest).hex };
    },
  };
}

function bareHash(algorithm: string): Contender<Uint8Array> {
  return {
    name: "createHash",
    run({ bytes, fixture }) {
      const hash = createHash(algorithm);
      const rounds = roundsOf(bytes, fixture);
      for (let round = 0; round < rounds; round += 1) hash.update(fixture);
      return { bytes: rounds * fixture.length, digest: hash.digest("hex") };
    },
  };
}

const bareCrc: Contender<Uint8Array> = {
  name: "zlib.crc32",
  run({ bytes, fixture }) {
    let value = 0;
    const rounds = roundsOf(bytes, fixture);
    for (let round = 0; round < rounds; round += 1) value = crc32(fixture, value);
    return { bytes: rounds * fixture.length, digest: value.toString(16).padStart(8, "0") };
  },
};

function bareWasm(create: () => Promise<IHasher>): Contender<Uint8Array> {
  return {
    name: "hash-wasm",
    async run({ bytes, fixture }) {
      const hasher = await create();
      hasher.init();
      const rounds = roundsOf(bytes, fixture);
      for (let round = 0; round < rounds; round += 1) hasher.update(fixture);
      return { bytes: rounds * fixture.length, digest: hasher.digest() };
    },
  };
}

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
    bytes: 4 * GiB,
    goal: { time: 1.11 },
    subject: codec("crc32"),
    peer: bareCrc,
  });
  return [...native, checksum, ...wasm];
});

/** A whole pipe through the stage; `size` bytes a chunk. */
function pipe(name: string, algorithms: readonly ("md5" | "sha256")[], worker: boolean): Contender<Uint8Array> {
  return {
    name,
    async run({ bytes, fixture }) {
      const hash = new HashStream(algorithms, { worker });
      let left = roundsOf(bytes, fixture);
      let passed = 0;
      const source = new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            if (left > 0) controller.enqueue(fixture);
            else controller.close();
            left -= 1;
          },
        },
        { highWaterMark: 0 },
      );
      const sink = new WritableStream<Uint8Array>({
        write(chunk) {
          passed += chunk.length;
        },
      });
      await source.pipeThrough(hash).pipeTo(sink);
      if (worker && hash.where !== "worker") throw new Error("no worker could be started");
      return { bytes: passed, digest: (await hash.digest).hex };
    },
  };
}

/** A file's digest, a process each, start-up included. */
const files = (["sha256", "md5"] as const).map(
  (algorithm): Case => ({
    name: `a file's ${algorithm}, beside openssl`,
    mode: "process",
    bytes: 2 * GiB,
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
    bytes: GiB,
    setup: () => randomBytes(256 * KiB),
    limitedBy: "the hops of a pipe, which the bare loop has not",
    subject: pipe("HashStream", ["md5"], false),
    peer: bareHash("md5"),
  }),
  defineCase({
    name: "md5 and sha256 at once in workers, 256 KiB chunks",
    mode: "in-process",
    bytes: 2 * GiB,
    quickBytes: GiB,
    note: "on 2 idle cores",
    limitedBy: "the pipe, two workers and their copies of the bytes want more than two cores",
    goal: { time: 1.25 },
    setup: () => randomBytes(256 * KiB),
    subject: pipe("HashStream, worker", ["md5", "sha256"], true),
    peer: pipe("HashStream of md5 alone", ["md5"], false),
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
