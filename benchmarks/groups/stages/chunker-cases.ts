import { ChunkerStream, chunkerCodec } from "@sluice/chunker";
import { codecStream, type StreamPair } from "@sluice/streams";
import BlockStream from "block-stream2";
import { type Case, defineCase } from "../../harness/case.ts";
import { formatSize, GiB, KiB, MiB } from "../../harness/size.ts";
import { driven, looped, nodePipe, piped } from "./drive.ts";

const aligned = [64 * KiB, 256 * KiB].map((size) =>
  defineCase({
    name: `chunker, aligned: ${formatSize(size)} → ${formatSize(size)}, whole pipe`,
    mode: "in-process",
    bytes: 50_000 * size,
    goal: { time: 1.11 },
    guarded: true,
    setup: () => new Uint8Array(size),
    subject: piped("ChunkerStream", () => new ChunkerStream(size)),
    peer: piped("identity stage", () => codecStream({ transform: (chunk: Uint8Array, emit) => emit(chunk) })),
  }),
);

const copying = (
  [
    [64 * KiB, 64 * KiB + 1],
    [64 * KiB, MiB],
    [256 * KiB, 100_000],
    [256 * KiB, MiB],
  ] as const
).map(([chunkSize, size]) =>
  defineCase({
    name: `chunker, copying: ${formatSize(chunkSize)} → ${size % KiB ? `${size} B` : formatSize(size)}`,
    mode: "in-process",
    bytes: GiB,
    goal: { time: 1.43 },
    guarded: true,
    setup: () => new Uint8Array(chunkSize).fill(7),
    subject: driven("chunkerCodec", () => chunkerCodec(size)),
    peer: setLoop(size),
  }),
);

/** Fills fresh arrays of `size` bytes by `set`, whole chunks only. */
function setLoop(size: number) {
  let target = new Uint8Array(0);
  let filled = 0;
  return looped("Uint8Array.set", (chunk: Uint8Array) => {
    if (filled + chunk.length > target.length) {
      target = new Uint8Array(Math.max(size, chunk.length));
      filled = 0;
    }
    target.set(chunk, filled);
    filled += chunk.length;
    return chunk;
  });
}

/**
 * How FixedChunkStream of Deno's standard library goes about it: what is kept is joined with each chunk that comes, and
 * copied again, until there is enough. Written from its description: the library is not on npm.
 */
function joining(size: number): StreamPair<Uint8Array, Uint8Array> {
  let kept = new Uint8Array(0);
  return new TransformStream({
    transform(chunk, controller) {
      const joined = new Uint8Array(kept.length + chunk.length);
      joined.set(kept);
      joined.set(chunk, kept.length);
      let at = 0;
      for (; at + size <= joined.length; at += size) controller.enqueue(joined.slice(at, at + size));
      kept = joined.slice(at);
    },
    flush(controller) {
      if (kept.length > 0) controller.enqueue(kept);
    },
  });
}

const besides = [
  defineCase({
    name: "chunker, 64 KiB → 8 MiB, beside joining",
    mode: "in-process",
    bytes: 64 * MiB,
    quickBytes: 16 * MiB,
    rounds: 5,
    note: "the peer does as Deno's std does",
    goal: { time: 0.05 },
    setup: () => new Uint8Array(64 * KiB).fill(7),
    subject: piped("ChunkerStream", () => new ChunkerStream(8 * MiB)),
    peer: piped("join, then cut", () => joining(8 * MiB)),
  }),
  defineCase({
    name: "chunker, 64 KiB → 1 MiB, beside npm's",
    headline: true,
    mode: "in-process",
    bytes: 2 * GiB,
    setup: () => new Uint8Array(64 * KiB).fill(7),
    subject: piped("ChunkerStream", () => new ChunkerStream(MiB)),
    peer: nodePipe("block-stream2", () => new BlockStream({ size: MiB, zeroPadding: false })),
  }),
];

/** `ChunkerStream` and its codec. */
export const chunkerCases: readonly Case[] = [...aligned, ...copying, ...besides];
