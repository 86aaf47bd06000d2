import { close, constants, open } from "node:fs";
import { stat } from "node:fs/promises";
import { Socket } from "node:net";
import { promisify } from "node:util";
import { type Chunks, chunksOf } from "../_chunks.ts";
import { OneShotSource } from "../_one-shot-source.ts";
import { PositionalSource } from "../_positional-source.ts";
import { type RangeReader, rangeStream } from "../_range-stream.ts";
import type { ByteSource } from "../byte-source.ts";
import { Descriptor } from "./_descriptor.ts";
import { fileReader, sequentialReader } from "./_file-bytes.ts";
import { fileError } from "./_file-error.ts";
import type { Look } from "./_look.ts";

const openFile = promisify(open);
const closeFile = promisify(close);

/** `net.Socket` takes the descriptor of a pipe in Node; in Bun 1.4 nothing comes out of it, and Deno 2.9 throws. */
const SOCKETS_READ_PIPES = !("bun" in process.versions || "deno" in process.versions);

/** Makes the source of what was found at a path. Opens nothing yet. */
export function sourceOfFile(path: string, look: Look, info: { name: string; type: string }): ByteSource {
  if (look.kind === "file") {
    const { size, fingerprint } = look;
    const descriptor = new Descriptor(path, fingerprint);
    // By path: a file that was replaced is still whole behind its descriptor, but it is not the file any more.
    const statNow = () => stat(path, { bigint: true });
    const fd = () => descriptor.fd as number;
    const readerFor = (use: "stream" | "read") =>
      fileReader({ path, fd, size, fingerprint, stat: statNow, close: () => descriptor.release(use) });
    // They hold nothing of their own: one will do for all streams, and one for all reads.
    const readers = { stream: readerFor("stream"), read: readerFor("read") };
    return new PositionalSource({
      ...info,
      size,
      fingerprint,
      open(use) {
        return descriptor.acquire()?.then(() => readers[use]) ?? readers[use];
      },
      close: () => descriptor.close(),
    });
  }
  const chunks =
    look.kind === "pipe" && SOCKETS_READ_PIPES
      ? pipeChunks(path)
      : sequentialChunks(async () => {
          const fd = await opened(path, constants.O_RDONLY);
          return sequentialReader(path, fd, () => closeFile(fd));
        });
  return new OneShotSource({ ...info, size: undefined, kind: path, chunks, borrowed: false });
}

/** The chunks of a file that is read from where it stands to its end. */
export function sequentialChunks(open: () => RangeReader | Promise<RangeReader>): Chunks {
  return chunksOf(rangeStream(open, { start: 0, end: Infinity, signals: [] })) as Chunks;
}

/**
 * A pipe is waited for by the event loop. A blocking open or read would hold a thread of the pool, of which there are
 * four, until somebody writes; and nothing could cancel it.
 */
function pipeChunks(path: string): Chunks {
  let opening: Promise<{ socket: Socket; chunks: Chunks }> | undefined;
  return {
    async next() {
      opening ??= openPipe(path);
      return (await opening).chunks.next();
    },
    async cancel(reason) {
      const pipe = await opening?.catch(() => undefined);
      if (pipe === undefined || pipe.socket.closed) return;
      const closed = new Promise((resolve) => pipe.socket.once("close", resolve));
      await pipe.chunks.cancel(reason);
      await closed;
    },
  };
}

async function openPipe(path: string): Promise<{ socket: Socket; chunks: Chunks }> {
  const fd = await opened(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const socket = new Socket({ fd, readable: true, writable: false });
  return { socket, chunks: chunksOf(socket) as Chunks };
}

async function opened(path: string, flags: number): Promise<number> {
  return openFile(path, flags).catch((error: unknown) => {
    throw fileError("open", path, error);
  });
}
