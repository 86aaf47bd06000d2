import { openSync, readFileSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import { createGunzip, createGzip, deflateRawSync, gzipSync, type Zlib } from "node:zlib";
import { CompressorStream, DecompressorStream } from "@sluice/compress";
import type { StreamPair } from "@sluice/streams";
import { Deflate, Gzip, Inflate } from "fflate";
import * as pako from "pako";
import { type Contender, defineCase, type Group } from "../harness/case.ts";
import { KiB, MiB } from "../harness/size.ts";

const CHUNK = 256 * KiB;

type Stage = StreamPair<never, Uint8Array>;

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

function mixed({ bytes }: { readonly bytes: number }): Data {
  const all = Buffer.alloc(bytes);
  readSync(openSync(process.execPath, "r"), all, 0, bytes, 30 * MiB);
  const text = readFileSync(createRequire(import.meta.url).resolve("fflate"));
  for (let at = 0; at < bytes / 4; at += text.length) text.copy(all, at, at % 999);
  return { plain: cut(all), gzip: cut(gzipSync(all)), raw: cut(deflateRawSync(all)) };
}

/** Through a stage, written and read directly. */
function through(
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
function bare(name: string, kind: keyof Data, make: () => Zlib & NodeJS.ReadWriteStream): Contender<Data> {
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
function pushing(
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
const pakoPushing = (name: string, kind: keyof Data, make: () => pako.Deflate | pako.Inflate): Contender<Data> =>
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

const shared = {
  mode: "in-process",
  bytes: 16 * MiB,
  quickBytes: 8 * MiB,
  rounds: 7,
  warmup: 1,
  setup: mixed,
} as const;

/** Ratios are of time: below 1, ours is faster. */
export const group: Group = {
  description: "compression, by every engine, beside the platform's classes, node:zlib, fflate and pako",
  cases: [
    defineCase({
      ...shared,
      name: "gzip on Node, 256 KiB",
      headline: true,
      guarded: true,
      goal: { time: 1.0 },
      subject: through("CompressorStream", "plain", () => new CompressorStream("gzip")),
      peer: through("CompressionStream", "plain", () => new CompressionStream("gzip")),
    }),
    defineCase({
      ...shared,
      name: "gzip on Node, against bare zlib",
      subject: through("CompressorStream", "plain", () => new CompressorStream("gzip")),
      peer: bare("createGzip", "plain", () => createGzip()),
    }),
    defineCase({
      ...shared,
      name: "gunzip on Node, 256 KiB",
      headline: true,
      guarded: true,
      goal: { time: 1.0 },
      subject: through("DecompressorStream", "gzip", () => new DecompressorStream("gzip")),
      peer: through("DecompressionStream", "gzip", () => new DecompressionStream("gzip")),
    }),
    defineCase({
      ...shared,
      name: "gunzip on Node, against bare zlib",
      subject: through("DecompressorStream", "gzip", () => new DecompressorStream("gzip")),
      peer: bare("createGunzip", "gzip", () => createGunzip()),
    }),
    defineCase({
      ...shared,
      name: "gunzip by the platform's class",
      note: "what bounds, verification and place cost around it",
      limitedBy:
        "it is given 8 KiB at a time, so that no more than 8 MiB of a bomb wait inside, and is checked here as well",
      subject: through(
        "DecompressorStream, native",
        "gzip",
        () => new DecompressorStream("gzip", { engine: "native" }),
      ),
      peer: through("DecompressionStream", "gzip", () => new DecompressionStream("gzip")),
    }),
    defineCase({
      ...shared,
      bytes: 8 * MiB,
      name: "raw deflate by fflate",
      goal: { time: 1.05 },
      subject: through(
        "CompressorStream, fflate",
        "plain",
        () => new CompressorStream("deflate-raw", { engine: "fflate" }),
      ),
      peer: pushing("Deflate.push", "plain", (take) => new Deflate({ level: 6 }, take)),
    }),
    defineCase({
      ...shared,
      bytes: 8 * MiB,
      name: "gzip by fflate",
      goal: { time: 1.05 },
      subject: through("CompressorStream, fflate", "plain", () => new CompressorStream("gzip", { engine: "fflate" })),
      peer: pushing("Gzip.push", "plain", (take) => new Gzip({ level: 6, mtime: 0 }, take)),
    }),
    defineCase({
      ...shared,
      name: "gunzip in JavaScript, verified",
      note: "the peer verifies nothing",
      goal: { time: 1.18 },
      subject: through(
        "DecompressorStream, fflate",
        "gzip",
        () => new DecompressorStream("gzip", { engine: "fflate" }),
      ),
      peer: pushing("Inflate.push", "raw", (take) => new Inflate(take)),
    }),
    defineCase({
      ...shared,
      bytes: 8 * MiB,
      name: "gzip on Node, beside pako",
      headline: true,
      subject: through("CompressorStream", "plain", () => new CompressorStream("gzip")),
      peer: pakoPushing("pako.Deflate", "plain", () => new pako.Deflate({ gzip: true })),
    }),
    defineCase({
      ...shared,
      name: "gunzip on Node, beside pako",
      subject: through("DecompressorStream", "gzip", () => new DecompressorStream("gzip")),
      peer: pakoPushing("pako.Inflate", "gzip", () => new pako.Inflate()),
    }),
  ],
};
