import { openSync, readFileSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync, type Zlib } from "node:zlib";
import type { StreamPair } from "@sluice/streams";
import type { Deflate } from "fflate";
import type * as pako from "pako";
import type { Contender } from "../../harness/case.ts";
import { KiB, MiB } from "../../harness/size.ts";

const CHUNK = 256 * KiB;
/** Bytes around the raw deflate that gzip is: RFC 1952, section 2.3, without a name or a comment. */
const HEADER = 10;
const TRAILER = 8;

type Stage = StreamPair<never, Uint8Array>;

/** The same data, plain and compressed, in chunks. */
interface Data {
  /** A quarter of program text, the rest a program's machine code. */
  readonly plain: readonly Uint8Array<ArrayBuffer>[];
  readonly gzip: readonly Uint8Array<ArrayBuffer>[];
  readonly raw: readonly Uint8Array<ArrayBuffer>[];
}

function cut(bytes: Uint8Array): Uint8Array<ArrayBuffer>[] {
  const count = Math.ceil(bytes.length / CHUNK);
  return Array.from(
    { length: count },
    (_, index) => new Uint8Array(bytes.subarray(index * CHUNK, (index + 1) * CHUNK)),
  );
}

/** What a case is given, `bytes` of it uncompressed. */
export function mixed({ bytes }: { readonly bytes: number }): Data {
  const all = Buffer.alloc(bytes);
  readSync(openSync(process.execPath, "r"), all, 0, bytes, 30 * MiB);
  const text = readFileSync(createRequire(import.meta.url).resolve("fflate"));
  for (let at = 0; at < bytes / 4; at += text.length) text.copy(all, at, at % 999);
  const gzip = gzipSync(all);
  return { plain: cut(all), gzip: cut(gzip), raw: cut(gzip.subarray(HEADER, -TRAILER)) };
}

/** Through a stage, written and read directly. */
export function through(
  name: string,
  kind: keyof Data,
  make: () => Stage | CompressionStream | DecompressionStream,
): Contender<Data> {
  return {
    name,
    async run({ bytes, fixture }) {
      const { readable, writable } = make() as unknown as StreamPair<Uint8Array, Uint8Array>;
      const writer = writable.getWriter();
      const written = (async () => {
        for (const chunk of fixture[kind]) {
          await writer.ready;
          writer.write(chunk);
        }
        await writer.close();
      })();
      let out = 0;
      const reader = readable.getReader();
      for (let read = await reader.read(); !read.done; read = await reader.read()) out += read.value.byteLength;
      await written;
      return outcome(bytes, kind, out);
    },
  };
}

/** Through a Node stream, as its users pipe. */
export function bare(name: string, kind: keyof Data, make: () => Zlib & NodeJS.ReadWriteStream): Contender<Data> {
  return {
    name,
    async run({ bytes, fixture }) {
      const stream = make();
      let out = 0;
      stream.on("data", (chunk) => {
        out += chunk.length;
      });
      const ended = new Promise<unknown>((resolve) => stream.once("end", resolve));
      for (const chunk of fixture[kind]) {
        if (!stream.write(chunk)) await new Promise((resolve) => stream.once("drain", resolve));
      }
      stream.end();
      await ended;
      return outcome(bytes, kind, out);
    },
  };
}

/** fflate's own loop: no streams, no bound and, in its inflate, no checks. */
export function pushing(
  name: string,
  kind: keyof Data,
  make: (take: (chunk: Uint8Array) => void) => Pick<Deflate, "push">,
): Contender<Data> {
  return {
    name,
    run({ bytes, fixture }) {
      let out = 0;
      const stream = make((chunk) => {
        out += chunk.length;
      });
      for (const chunk of fixture[kind]) stream.push(chunk);
      stream.push(new Uint8Array(0), true);
      return outcome(bytes, kind, out);
    },
  };
}

/** pako's own loop, which gathers nothing here either. */
export const pakoPushing = (name: string, kind: keyof Data, make: () => pako.Deflate | pako.Inflate): Contender<Data> =>
  pushing(name, kind, (take) => {
    const stream = make();
    stream.onData = take;
    stream.onEnd = () => {};
    return {
      push(chunk, final = false) {
        stream.push(chunk, final);
        if (stream.err) throw new Error(`pako failed with ${stream.err}`);
      },
    };
  });

/** What comes out of an inflater must be what went in. Sizes of compressed data differ by engine, and are tested elsewhere. */
function outcome(bytes: number, kind: keyof Data, out: number): { bytes: number } {
  if (kind !== "plain") return { bytes: out };
  if (out < bytes / 10) throw new Error(`${bytes} bytes were compressed to ${out}, which cannot be`);
  return { bytes };
}
