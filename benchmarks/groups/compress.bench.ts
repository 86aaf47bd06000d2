import { createGunzip, createGzip } from "node:zlib";
import { CompressorStream, DecompressorStream } from "@sluice/compress";
import { Deflate, Gzip, Inflate } from "fflate";
import * as pako from "pako";
import { defineCase, type Group } from "../harness/case.ts";
import { MiB } from "../harness/size.ts";
import { bare, mixed, pakoPushing, pushing, through } from "./compress/drive.ts";

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
      quickBytes: 2 * MiB,
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
      quickBytes: 2 * MiB,
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
      quickBytes: 2 * MiB,
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
