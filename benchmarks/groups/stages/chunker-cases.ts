import { ChunkerStream, chunkerCodec } from "@sluice/chunker";
import { codecStream } from "@sluice/streams";
import { type Case, defineCase } from "../../harness/case.ts";
import { formatSize, GiB, KiB, MiB } from "../../harness/size.ts";
import { driven, looped, piped } from "./drive.ts";

const aligned = [64 * KiB, 256 * KiB].map((size) =>
  defineCase({
    name: `chunker, aligned: ${formatSize(size)} → ${formatSize(size)}, whole pipe`,
    mode: "in-process",
    bytes: 50_000 * size,
    note: "goal: time ≤ 1.11",
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
    note: "goal: time ≤ 1.43",
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

/** `ChunkerStream` and its codec. */
export const chunkerCases: readonly Case[] = [...aligned, ...copying];
