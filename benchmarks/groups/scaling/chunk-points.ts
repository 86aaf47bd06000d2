import { Base64EncoderStream } from "@sluice/base64";
import { ChunkerStream } from "@sluice/chunker";
import { HashStream } from "@sluice/hash";
import { codecStream } from "@sluice/streams";
import type { Case } from "../../harness/case.ts";
import { formatSize, GiB, KiB, MiB } from "../../harness/size.ts";
import { piped } from "../stages/drive.ts";

const SIZES = [KiB, 8 * KiB, 64 * KiB, 512 * KiB, 4 * MiB];
/** Small chunks: as many as take about a second. Large ones: as many bytes. */
const CHUNKS = 400_000;

const STAGES = [
  [
    "codecStream, identity",
    () => codecStream<Uint8Array, Uint8Array>({ transform: (chunk, emit) => emit(chunk) }),
    8 * GiB,
  ],
  ["native TransformStream", () => new TransformStream<Uint8Array, Uint8Array>(), 8 * GiB],
  ["chunker to 1 MiB", () => new ChunkerStream(MiB), 4 * GiB],
  ["base64 encoder", () => new Base64EncoderStream(), GiB],
  ["sha256", () => new HashStream("sha256"), GiB],
] as const;

/** One hop of each stage over the size of the chunks that come in. */
export const chunkPoints: readonly Case[] = STAGES.flatMap(([curve, make, most]) =>
  SIZES.map((size): Case => {
    const { run, name } = piped(curve, make as never);
    return {
      name: `${curve}, chunks of ${formatSize(size)}`,
      mode: "process",
      bytes: Math.min(most, CHUNKS * size),
      rounds: 3,
      warmup: 0,
      point: { curve, axis: "chunk size", value: size },
      subject: { name, run: ({ bytes }) => run({ bytes, fixture: new Uint8Array(size).fill(7) }) },
    };
  }),
);
