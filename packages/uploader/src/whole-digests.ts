import { type Algorithm, type HashEvent, HashStream, hashSource } from "@sluice/hash";
import type { ByteSource } from "@sluice/source";
import type { Digests } from "./part-target.ts";

/** Below this, starting a thread takes longer than hashing (about 40 ms, and 15 MB of memory). */
const WORTH_A_THREAD = 32 * 1024 * 1024;

/** Digests of the whole file, in source order, whatever order its parts go in. */
export interface WholeDigests {
  /** The bytes, for whoever else needs them: they pass through. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly digests: Promise<Digests>;
}

export interface WholeDigestsOptions {
  readonly signal: AbortSignal;
  onEvent(event: HashEvent): void;
}

/** Hashes a source as it is streamed. */
export function hashInPassing(
  source: ByteSource,
  algorithms: readonly Algorithm[],
  { signal, onEvent }: WholeDigestsOptions,
): WholeDigests {
  const worker = (source.size ?? Number.POSITIVE_INFINITY) >= WORTH_A_THREAD;
  const hash = new HashStream(algorithms, { worker, onEvent });
  const digests = hash.digests.then(inHex);
  // Who reads the stream learns of its failure there.
  digests.catch(() => {});
  return { stream: source.stream({ signal }).pipeThrough(hash), digests };
}

/** Hashes a replayable source by a reading of its own. */
export async function hashApart(
  source: ByteSource,
  algorithms: readonly Algorithm[],
  { signal, onEvent }: WholeDigestsOptions,
): Promise<Digests> {
  const worker = (source.size ?? 0) >= WORTH_A_THREAD;
  return inHex(await hashSource(source, algorithms, { signal, worker, onEvent }));
}

/** Digests of one part. */
export async function hashPart(
  part: ByteSource,
  algorithms: readonly Algorithm[],
  signal: AbortSignal,
): Promise<Digests> {
  return inHex(await hashSource(part, algorithms, { signal }));
}

function inHex(digests: Readonly<Record<string, { readonly hex: string }>>): Digests {
  return Object.fromEntries(Object.entries(digests).map(([name, { hex }]) => [name, hex]));
}
