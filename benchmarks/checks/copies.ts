import { join } from "node:path";
import { ChunkerStream } from "@sluice/chunker";
import { HashStream } from "@sluice/hash";
import { streamSource } from "@sluice/source";
import { file } from "@sluice/source/node";
import { codecStream } from "@sluice/streams";
import { upload } from "@sluice/uploader";
import { bareTarget } from "../groups/transfer/bare-target.ts";
import { startServerProcess } from "../harness/server-process.ts";
import { KiB, MiB } from "../harness/size.ts";
import { createStampedFile } from "../harness/stamped-file.ts";
import { temporaryFolder } from "../harness/temporary-folder.ts";
import { countCopies } from "./count-copies.ts";
import { atMost, type Finding } from "./finding.ts";

const BYTES = 64 * MiB;
/** A header, a reply, the text of a request: no data, but bytes. */
const OVERHEAD = 64 * KiB;

/** Copies per byte of data, of what promises how many there are. */
export async function copies(): Promise<Finding[]> {
  using folder = temporaryFolder();
  using server = await startServerProcess();
  const path = join(folder.path, "stamped");
  await createStampedFile(path, { size: BYTES });

  const through = (stage: TransformStream, size: number) => () =>
    chunks(size)
      .pipeThrough(stage as TransformStream<Uint8Array<ArrayBuffer>, Uint8Array>)
      .pipeTo(new WritableStream());
  const sent = (source: () => Parameters<typeof upload>[0]) => async () => {
    await using opened = source();
    const { target, client } = bareTarget(server.url);
    await using _ = client;
    const received = await upload(opened, target, { concurrency: 4, partSize: 16 * MiB });
    if (received !== BYTES) throw new Error(`${received} bytes arrived of ${BYTES}`);
  };
  const cases: readonly (readonly [what: string, allowed: number, work: () => Promise<unknown>])[] = [
    ["codecStream, identity", 0, through(codecStream({ transform: (chunk, emit) => emit(chunk) }) as never, 64 * KiB)],
    ["chunker, chunks that lie inside one", 0, through(new ChunkerStream(64 * KiB) as never, 256 * KiB)],
    ["chunker, chunks that span two", 1, through(new ChunkerStream(MiB + 1) as never, 64 * KiB)],
    ["sha256", 0, through(new HashStream("sha256") as never, 64 * KiB)],
    ["file as a stream", 0, () => file(path).stream().pipeTo(new WritableStream())],
    ["upload of a file", 0, sent(() => file(path))],
    ["upload of a stream, 1 KiB chunks", 1, sent(() => streamSource(chunks(KiB), { size: BYTES }))],
    ["upload of a stream, 1 MiB chunks", 0, sent(() => streamSource(chunks(MiB), { size: BYTES }))],
  ];
  const findings: Finding[] = [];
  for (const [what, allowed, work] of cases) {
    const copied = await countCopies(work);
    const perByte = copied <= OVERHEAD ? 0 : (copied - (allowed > 0 ? OVERHEAD : 0)) / BYTES;
    findings.push(atMost(`${what}, copies per byte`, perByte, allowed, (value) => value.toFixed(3)));
  }
  return findings;
}

/** Each in memory of its own, as a network gives them. */
function chunks(size: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let left = BYTES;
  return new ReadableStream(
    {
      pull(controller) {
        controller.enqueue(new Uint8Array(Math.min(size, left)));
        left -= size;
        if (left <= 0) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}
