import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { openai } from "@sluice/openai";
import { streamSource } from "@sluice/source";
import { file } from "@sluice/source/node";
import { type UploadOptions, upload } from "@sluice/uploader";
import type { Case, Contender, Group } from "../harness/case.ts";
import { GiB, KiB, MiB } from "../harness/size.ts";
import { bareTarget } from "./transfer/bare-target.ts";

/** A file, read as it is sent. */
function replayable(options: UploadOptions): Contender {
  return {
    name: "upload(file)",
    async run({ file: path, server }) {
      await using source = file(path);
      const { target, client } = bareTarget(server);
      await using _ = client;
      return { bytes: await upload(source, target, { concurrency: 4, ...options }) };
    },
  };
}

/** Small chunks that come once: each byte is copied once, into memory that is used again. */
function oneShot(memory: number): Contender {
  return {
    name: "upload(stream)",
    async run({ bytes, server }) {
      const chunk = new Uint8Array(KiB);
      const stamp = new DataView(chunk.buffer);
      function* chunks() {
        for (let offset = 0; offset < bytes; offset += KiB) {
          stamp.setFloat64(0, offset);
          yield chunk;
        }
      }
      const { target, client } = bareTarget(server);
      await using _ = client;
      const source = streamSource(chunks(), { size: bytes });
      return { bytes: await upload(source, target, { concurrency: 4, memory }) };
    },
  };
}

const withMd5: Contender = {
  name: "upload, with md5",
  async run({ file: path, server }) {
    await using source = file(path);
    await using client = openai({ apiKey: "any", baseUrl: `${server}/v1` });
    const target = client.target({ purpose: "user_data" });
    return { bytes: (await upload(source, target, { concurrency: 4, digest: ["md5"] })).bytes };
  },
};

const openssl: Contender = {
  name: "openssl md5",
  alone: true,
  async run({ file: path, bytes }) {
    await promisify(execFile)("openssl", ["md5", path]);
    return { bytes };
  },
};

const shared = { mode: "process", file: true, server: true, rounds: 2, warmup: 0 } as const satisfies Partial<Case>;
const flat = "bars: ≤ 120 MB, the same within 8 MiB";

/** Parts to the discarding server over loopback. */
export const group: Group = {
  description:
    "parallel parts: memory over sizes and part sizes, of files and of streams; with a digest beside openssl",
  cases: [
    { ...shared, name: "1 GiB, 64 MiB parts", note: flat, bytes: GiB, subject: replayable({}) },
    { ...shared, name: "2 GiB, 8 MiB parts", note: flat, bytes: 2 * GiB, subject: replayable({ partSize: 8 * MiB }) },
    {
      ...shared,
      name: "2 GiB, 512 MiB parts",
      note: flat,
      bytes: 2 * GiB,
      subject: replayable({ partSize: 512 * MiB }),
    },
    { ...shared, name: "16 GiB, 64 MiB parts", note: flat, bytes: 16 * GiB, rounds: 1, subject: replayable({}) },
    {
      ...shared,
      name: "2 GiB, auto",
      note: "32 connections at most",
      bytes: 2 * GiB,
      subject: replayable({ concurrency: "auto" }),
    },
    {
      ...shared,
      name: "a stream of 1 KiB chunks, 256 MiB",
      note: "baseline",
      file: false,
      bytes: 256 * MiB,
      subject: oneShot(64 * MiB),
    },
    {
      ...shared,
      name: "a stream of 1 KiB chunks, 4 GiB",
      note: "bar: baseline + 64 MiB of memory + 32 MiB",
      file: false,
      bytes: 4 * GiB,
      subject: oneShot(64 * MiB),
    },
    {
      ...shared,
      name: "2 GiB with the md5 of the whole",
      note: "goal: time ≤ 1.15; bar: ≤ 140 MB",
      bytes: 2 * GiB,
      rounds: 3,
      warmup: 1,
      subject: withMd5,
      peer: openssl,
    },
  ],
};
