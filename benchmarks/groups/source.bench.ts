import { createReadStream, openAsBlob, read } from "node:fs";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { blobSource } from "@sluice/source";
import { file } from "@sluice/source/node";
import { type Contender, defineCase, type Group, type RunContext } from "../harness/case.ts";
import { GiB, KiB, MiB } from "../harness/size.ts";

const CHUNK = 256 * KiB;

/** Reads with a buffer of the reader's own, which goes back and forth. */
async function readIntoBuffer(stream: ReadableStream): Promise<{ bytes: number }> {
  const reader = stream.getReader({ mode: "byob" });
  let view = new Uint8Array(CHUNK);
  let bytes = 0;
  for (let next = await reader.read(view); !next.done; next = await reader.read(view)) {
    bytes += next.value.byteLength;
    view = new Uint8Array(next.value.buffer);
  }
  return { bytes };
}

async function readChunks(stream: ReadableStream<Uint8Array>): Promise<{ bytes: number }> {
  const reader = stream.getReader();
  let bytes = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) bytes += next.value.byteLength;
  return { bytes };
}

const readAt = (fd: number, into: Uint8Array, position: number): Promise<number> =>
  new Promise((resolve, reject) => {
    read(fd, into, 0, into.byteLength, position, (error, count) => (error ? reject(error) : resolve(count)));
  });

const bareLoop = (size: number): Contender => ({
  name: "fs.read loop",
  async run({ file: path }) {
    await using handle = await open(path);
    const buffer = new Uint8Array(size);
    let bytes = 0;
    for (let count = -1; count !== 0; bytes += count) count = await readAt(handle.fd, buffer, bytes);
    return { bytes };
  },
});

const byobReader: Contender = {
  name: "file, BYOB reader",
  run: ({ file: path }) => readIntoBuffer(file(path).stream()),
};
const defaultReader: Contender = {
  name: "file, default reader",
  run: ({ file: path }) => readChunks(file(path).stream()),
};

/** Ours, with a reader that brings no buffer, beside another way to a stream of the same file. */
function besides(name: string, run: (path: string) => Promise<{ bytes: number }>, limitedBy?: string) {
  return {
    name: `default reader: ${name}`,
    mode: "in-process",
    bytes: 512 * MiB,
    quickBytes: 128 * MiB,
    rounds: 7,
    file: true,
    headline: true,
    subject: defaultReader,
    peer: { name, run: ({ file: path }: RunContext) => run(path) },
    ...(limitedBy ? { limitedBy } : {}),
  } as const;
}

async function readableWebStream(path: string): Promise<{ bytes: number }> {
  await using handle = await open(path);
  return await readChunks(handle.readableWebStream() as ReadableStream<Uint8Array>);
}

/** A file, read in every way that Node has, and in ours. */
export const group: Group = {
  description: "a file as a source, beside every other way to read one in Node",
  cases: [
    {
      name: "256 KiB, BYOB reader",
      mode: "in-process",
      bytes: GiB,
      quickBytes: 512 * MiB,
      file: true,
      note: "0.9 × the rate",
      goal: { time: 1.11 },
      limitedBy:
        "the platform's own byte stream around the same fs.read, and nothing else, takes 1.12 to 1.18: each read transfers its buffer",
      guarded: true,
      subject: byobReader,
      peer: bareLoop(CHUNK),
    },
    {
      name: "256 KiB, BYOB reader: readableWebStream, default reader",
      mode: "in-process",
      bytes: 256 * MiB,
      quickBytes: 128 * MiB,
      file: true,
      note: "5 × the rate",
      goal: { time: 0.2 },
      guarded: true,
      subject: byobReader,
      peer: { name: "readableWebStream", run: ({ file: path }) => readableWebStream(path) },
    },
    besides("readableWebStream", readableWebStream),
    besides(
      "createReadStream 1 MiB",
      async (path) => {
        let bytes = 0;
        for await (const chunk of createReadStream(path, { highWaterMark: MiB })) bytes += chunk.length;
        return { bytes };
      },
      "the peer reads 1 MiB at a time, and is no stream of the web; ours hands out 256 KiB, each in memory of its own",
    ),
    besides("Readable.toWeb", (path) =>
      readChunks(Readable.toWeb(createReadStream(path, { highWaterMark: CHUNK })) as ReadableStream<Uint8Array>),
    ),
    besides("openAsBlob().stream()", async (path) => readChunks((await openAsBlob(path)).stream())),
    {
      name: "positional reads of 1 MiB",
      mode: "in-process",
      bytes: GiB,
      quickBytes: 512 * MiB,
      file: true,
      limitedBy: "each read also asks whether the file is still the same",
      subject: {
        name: "file, read()",
        async run({ bytes: size, file: path }) {
          await using source = file(path);
          const buffer = new Uint8Array(MiB);
          let bytes = 0;
          while (bytes < size) bytes += (await source.read?.(buffer, bytes)) ?? size;
          return { bytes };
        },
      },
      peer: bareLoop(MiB),
    },
    defineCase({
      name: "a Blob in memory",
      mode: "in-process",
      bytes: 256 * MiB,
      limitedBy:
        "each slice of 1 MiB is a round trip and a copy; Node hands out a Blob of one part whole, whatever its size",
      setup: ({ bytes }) => new Blob(Array.from({ length: bytes / MiB }, () => new Uint8Array(MiB).fill(1))),
      subject: { name: "blobSource", run: ({ fixture }) => readChunks(blobSource(fixture).stream()) },
      peer: { name: "Blob.stream()", run: ({ fixture }) => readChunks(fixture.stream()) },
    }),
  ],
};
