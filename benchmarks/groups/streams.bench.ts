import {
  type Codec,
  codecStream,
  fuse,
  pullPair,
  type StreamFamily,
  type StreamPair,
  transformPair,
} from "@sluice/streams";
import * as ponyfill from "@sluice/streams/ponyfill";
import { FastReadableStream, FastTransformStream, FastWritableStream } from "experimental-fast-webstreams";
import type { Case, Contender, Group, RunContext } from "../harness/case.ts";
import { KiB } from "../harness/size.ts";

/** Chunks for one run: about half a second. */
const CHUNKS = 100_000;

type Stage = StreamPair<Uint8Array, Uint8Array>;
type MakeStages = () => Stage[];

const identity = (): Codec<Uint8Array, Uint8Array> => ({ transform: (chunk, emit) => emit(chunk) });
const passing: Transformer<Uint8Array, Uint8Array> = { transform: (chunk, controller) => controller.enqueue(chunk) };
/** The standard's classes over Node's streams; it says itself that it does not keep all of the standard. */
const fast = {
  ReadableStream: FastReadableStream,
  TransformStream: FastTransformStream,
  WritableStream: FastWritableStream,
} as unknown as typeof globalThis;
const polyfilled = ponyfill as unknown as typeof globalThis;

/** Writes and reads one stage directly: nothing but the stage is measured. */
function hop(name: string, size: number, make: () => Stage): Contender {
  return {
    name,
    async run({ bytes }) {
      const { readable, writable } = make();
      const written = writeAll(writable, bytes, size);
      const reader = readable.getReader();
      let read = 0;
      for (let result = await reader.read(); !result.done; result = await reader.read())
        read += result.value.byteLength;
      await written;
      return { bytes: read, operations: read / size };
    },
  };
}

async function writeAll(writable: WritableStream<Uint8Array>, bytes: number, size: number): Promise<void> {
  const writer = writable.getWriter();
  const chunk = new Uint8Array(size);
  for (let left = bytes; left > 0; left -= size) {
    await writer.ready;
    writer.write(chunk);
  }
  await writer.close();
}

/** A pipe from a source through the stages into a sink, as people write it. */
function pipe(name: string, size: number, make: MakeStages, family: StreamFamily = globalThis): Contender {
  const { ReadableStream, WritableStream } = family as unknown as typeof globalThis;
  return {
    name,
    async run({ bytes }: RunContext) {
      const chunk = new Uint8Array(size);
      let left = bytes;
      let read = 0;
      let stream = new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            if (left > 0) controller.enqueue(chunk);
            else controller.close();
            left -= size;
          },
        },
        { highWaterMark: 0 },
      );
      for (const stage of make()) stream = stream.pipeThrough(stage);
      await stream.pipeTo(
        new WritableStream<Uint8Array>({
          write(part) {
            read += part.byteLength;
          },
        }),
      );
      return { bytes: read, operations: read / size };
    },
  };
}

const hops = [64 * KiB, 4 * KiB].flatMap((size): Case[] => {
  const shared = { mode: "in-process", bytes: CHUNKS * size, quickBytes: (CHUNKS / 8) * size } as const;
  return [
    {
      ...shared,
      name: `hop, ${size / KiB} KiB`,
      goal: { time: 1.0 },
      guarded: true,
      subject: hop("codecStream", size, () => codecStream(identity())),
      peer: hop("native TransformStream", size, () => new TransformStream()),
    },
    {
      ...shared,
      name: `hop under the polyfill, ${size / KiB} KiB`,
      goal: { time: 1.15 },
      subject: hop("codecStream", size, () => codecStream(identity(), { streams: ponyfill })),
      peer: hop("the polyfill's own", size, () => new polyfilled.TransformStream()),
    },
  ];
});

/** What a stage costs, beside the platform's. Ratios are of time: below 1, ours is faster. */
export const group: Group = {
  description: "the cost of a hop: codecStream, fuse, transformPair and pullPair beside native and polyfilled streams",
  cases: [
    ...hops,
    {
      name: "transformPair, 64 KiB",
      mode: "in-process",
      bytes: CHUNKS * 64 * KiB,
      subject: hop("transformPair", 64 * KiB, () => transformPair(passing)),
      peer: hop("native TransformStream", 64 * KiB, () => new TransformStream(passing)),
    },
    {
      name: "pullPair, 64 KiB",
      mode: "in-process",
      bytes: CHUNKS * 64 * KiB,
      note: "meant for stages that expand",
      limitedBy: "one generator a chunk",
      subject: hop("pullPair", 64 * KiB, () =>
        pullPair({
          *transform(chunk: Uint8Array) {
            yield chunk;
          },
        }),
      ),
      peer: hop("native TransformStream", 64 * KiB, () => new TransformStream(passing)),
    },
    {
      name: "pipe of one stage, 64 KiB",
      headline: true,
      mode: "in-process",
      bytes: CHUNKS * 64 * KiB,
      subject: pipe("codecStream", 64 * KiB, () => [codecStream(identity())]),
      peer: pipe("native TransformStream", 64 * KiB, () => [new TransformStream()]),
    },
    {
      name: "three codecs, 4 KiB",
      mode: "in-process",
      bytes: CHUNKS * 4 * KiB,
      goal: { time: 0.5 },
      guarded: true,
      subject: hop("fused, one hop", 4 * KiB, () => codecStream(fuse(identity(), identity(), identity()))),
      peer: hop("three piped codecStreams", 4 * KiB, () => {
        const first = codecStream(identity());
        return {
          writable: first.writable,
          readable: first.readable.pipeThrough(codecStream(identity())).pipeThrough(codecStream(identity())),
        };
      }),
    },
    {
      name: "three codecs in a pipe, 4 KiB",
      mode: "in-process",
      bytes: CHUNKS * 4 * KiB,
      note: "the same with a source and a sink, which both pay for",
      subject: pipe("fused, one hop", 4 * KiB, () => [codecStream(fuse(identity(), identity(), identity()))]),
      peer: pipe("three codecStreams", 4 * KiB, () => [
        codecStream(identity()),
        codecStream(identity()),
        codecStream(identity()),
      ]),
    },
    {
      name: "hop, 64 KiB, beside fast-webstreams",
      mode: "in-process",
      bytes: CHUNKS * 64 * KiB,
      note: "the peer is not the standard's behaviour throughout",
      subject: hop("codecStream", 64 * KiB, () => codecStream(identity())),
      peer: hop("FastTransformStream", 64 * KiB, () => new fast.TransformStream(passing)),
    },
    {
      name: "pipe of one stage, 64 KiB, beside fast-webstreams",
      headline: true,
      mode: "in-process",
      bytes: CHUNKS * 64 * KiB,
      note: "source and sink are the peer's own, too: it joins the three into one pipeline of Node's",
      subject: pipe("codecStream", 64 * KiB, () => [codecStream(identity())]),
      peer: pipe("fast-webstreams", 64 * KiB, () => [new fast.TransformStream(passing)], fast),
    },
  ],
};
