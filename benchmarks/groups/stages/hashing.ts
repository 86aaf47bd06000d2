import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { type Algorithm, HashStream, hashCodec } from "@sluice/hash";
import type { IHasher } from "hash-wasm";
import type { Contender } from "../../harness/case.ts";
import { roundsOf } from "./drive.ts";

/** The codec driven directly, its engine loaded within the run as a stage loads it. */
export function codec(algorithm: Algorithm, options: { resumable?: boolean } = {}): Contender<Uint8Array> {
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

export function bareHash(algorithm: string): Contender<Uint8Array> {
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

export const bareCrc: Contender<Uint8Array> = {
  name: "zlib.crc32",
  run({ bytes, fixture }) {
    let value = 0;
    const rounds = roundsOf(bytes, fixture);
    for (let round = 0; round < rounds; round += 1) value = crc32(fixture, value);
    return { bytes: rounds * fixture.length, digest: value.toString(16).padStart(8, "0") };
  },
};

export function bareWasm(create: () => Promise<IHasher>): Contender<Uint8Array> {
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

/** A whole pipe through the stage; `size` bytes a chunk. */
export function hashPipe(
  name: string,
  algorithms: readonly ("md5" | "sha256")[],
  worker: boolean,
): Contender<Uint8Array> {
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
