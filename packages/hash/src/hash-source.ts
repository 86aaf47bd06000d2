import { createThreadSet } from "./_hasher-set.ts";
import { openSet } from "./_open-set.ts";
import { planOf } from "./_plan.ts";
import { describe } from "./_text.ts";
import type { Algorithm } from "./algorithm.ts";
import type { HashAlgorithms } from "./custom-hasher.ts";
import type { Digests } from "./digest.ts";
import type { HashEvent } from "./hash-stream.ts";

/** Two of them: one is read into while the other is hashed. */
const BUFFER_SIZE = 1 << 19;
/** Milliseconds after which others get their turn: bytes that are in memory would keep the event loop to themselves. */
const LONGEST_TURN = 50;

/** What is needed of a `ByteSource` of `@sluice/source`. */
export interface HashableSource {
  stream(options?: { signal?: AbortSignal }): ReadableStream<Uint8Array>;
  read?(into: Uint8Array, position: number, options?: { signal?: AbortSignal }): Promise<number>;
}

export interface HashSourceOptions {
  signal?: AbortSignal | undefined;
  /**
   * Whether to hash in workers, one for each algorithm, as `HashStream` does.
   * @default false
   */
  worker?: boolean | undefined;
  onEvent?: ((event: HashEvent) => void) | undefined;
}

/**
 * Reads a source from its start to its end and computes digests of it, all in one pass: through two recycled buffers
 * where the source has positional reads, else through its stream. The source is not closed.
 *
 * @returns Rejects with the reason of `signal`, with what the source fails with, and with `TypeError` or `RangeError`
 *   for an argument that is none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { hashSource } from "@sluice/hash";
 *
 * const source = { stream: () => new Blob(["123456789"]).stream() };
 * const { crc32, crc64nvme } = await hashSource(source, ["crc32", "crc64nvme"]);
 * assert.equal(crc32.hex, "cbf43926");
 * assert.equal(crc64nvme.base64, "rosUhgp5mIg=");
 * ```
 */
export async function hashSource<const Name extends Algorithm, const Custom extends string = never>(
  source: HashableSource,
  algorithms: HashAlgorithms<Name, Custom>,
  { signal, worker = false, onEvent }: HashSourceOptions = {},
): Promise<Digests<Name | Custom>> {
  const plan = planOf("hash a source", algorithms);
  if (typeof source?.stream !== "function") {
    throw new TypeError(
      `Cannot hash a source: "source" must have a stream function, as a ByteSource has, received ${describe(source)}`,
    );
  }
  signal?.throwIfAborted();
  const set = worker ? (await openSet(plan, onEvent)).set : await createThreadSet(plan);
  const options = signal ? { signal } : {};
  let turn = performance.now();
  const update = (bytes: Uint8Array): void | Promise<void> => {
    const copied = set.update(bytes);
    if (copied || performance.now() - turn < LONGEST_TURN) return copied;
    return new Promise<void>((resolve) => setTimeout(resolve)).then(() => {
      turn = performance.now();
    });
  };
  try {
    if (source.read) await eachRead(source.read.bind(source), update, options);
    else await eachChunk(source.stream(options), update, options);
    const digests = await set.digest();
    return Object.fromEntries(digests.map((digest) => [digest.algorithm, digest])) as Digests<Name | Custom>;
  } finally {
    await set.close(signal?.reason);
  }
}

async function eachRead(
  read: NonNullable<HashableSource["read"]>,
  update: (bytes: Uint8Array) => void | Promise<void>,
  options: { signal?: AbortSignal },
): Promise<void> {
  let [buffer, other] = [new Uint8Array(BUFFER_SIZE), new Uint8Array(BUFFER_SIZE)];
  let position = 0;
  let pending = read(buffer, position, options);
  while (true) {
    const length = await pending;
    options.signal?.throwIfAborted();
    if (length === 0) return;
    position += length;
    pending = read(other, position, options);
    // If hashing throws, nobody waits for this one any more.
    pending.catch(() => {});
    await update(buffer.subarray(0, length));
    [buffer, other] = [other, buffer];
  }
}

async function eachChunk(
  stream: ReadableStream<Uint8Array>,
  update: (bytes: Uint8Array) => void | Promise<void>,
  { signal }: { signal?: AbortSignal },
): Promise<void> {
  const reader = stream.getReader();
  const abort = () => void reader.cancel(signal?.reason).catch(() => {});
  signal?.addEventListener("abort", abort, { once: true });
  try {
    while (true) {
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      if (done) return;
      await update(value);
    }
  } catch (reason) {
    reader.cancel(reason).catch(() => {});
    throw reason;
  } finally {
    signal?.removeEventListener("abort", abort);
    reader.releaseLock();
  }
}
