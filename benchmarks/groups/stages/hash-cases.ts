import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { type Algorithm, combineCrc, HashStream, hashCodec } from "@sluice/hash";
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
  const common = { mode: "in-process", setup: () => randomBytes(size) } as const;
  const native = (["sha256", "sha1", "md5"] as const).map((algorithm) =>
    defineCase({
      ...common,
      name: `${algorithm}, ${at}`,
      bytes: GiB,
      note: "goal: time ≤ 1.05",
      subject: codec(algorithm),
      peer: bareHash(algorithm),
    }),
  );
  const wasm = (
    [
      ["blake3", createBLAKE3, 256 * MiB],
      ["xxh64", createXXHash64, 2 * GiB],
      ["crc32c", () => createCRC32(0x82f63b78), GiB],
      ["crc64nvme", () => createCRC64("9a6c9329ac4bc9b5"), GiB],
      ["sha256", createSHA256, 256 * MiB],
      ["md5", createMD5, 256 * MiB],
    ] as const
  ).map(([algorithm, create, bytes]) =>
    defineCase({
      ...common,
      name: `${algorithm} by WebAssembly, ${at}`,
      bytes,
      note: "goal: time ≤ 1.03",
      subject: codec(algorithm, { resumable: true }),
      peer: bareWasm(create),
    }),
  );
  const checksum = defineCase({
    ...common,
    name: `crc32, ${at}`,
    bytes: 4 * GiB,
    note: "goal: time ≤ 1.11",
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

const pipes = [
  defineCase({
    name: "md5, 256 KiB chunks, whole pipe",
    mode: "in-process",
    bytes: GiB,
    setup: () => randomBytes(256 * KiB),
    subject: pipe("HashStream", ["md5"], false),
    peer: bareHash("md5"),
  }),
  defineCase({
    name: "md5 and sha256 at once in workers, 256 KiB chunks",
    mode: "in-process",
    bytes: 2 * GiB,
    quickBytes: GiB,
    note: "goal on 2 idle cores: time ≤ 1.25",
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
export const hashCases: readonly Case[] = [...perSize, ...pipes];
