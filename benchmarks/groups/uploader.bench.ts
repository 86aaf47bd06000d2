import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { openai } from "@sluice/openai";
import { file } from "@sluice/source/node";
import { upload } from "@sluice/uploader";
import type { Case, Contender, Group } from "../harness/case.ts";
import { GiB, MiB } from "../harness/size.ts";
import { PART } from "./transfer/in-parts.ts";
import { libStorage, toS3 } from "./transfer/s3.ts";

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

const shared = {
  mode: "process",
  bytes: GiB,
  quickBytes: 256 * MiB,
  file: true,
  server: true,
} as const satisfies Partial<Case>;

/** Parts to the discarding server over loopback. Memory is of the group `memory`, curves are of `scaling`. */
export const group: Group = {
  description: "parallel parts beside the AWS SDK's lib-storage, and with a digest beside openssl",
  cases: [
    {
      ...shared,
      name: "to an S3-shaped server, beside lib-storage",
      headline: true,
      note: "the SDK signs, and both send a CRC32 of each part: ours are of 64 MiB, its own of 5 MiB",
      subject: toS3(true),
      peer: libStorage(true),
    },
    {
      ...shared,
      name: "to an S3-shaped server, parts of one size",
      note: "the SDK holds whole parts",
      subject: toS3(true),
      peer: libStorage(true, PART),
    },
    {
      ...shared,
      name: "to an S3-shaped server, no checksums",
      guarded: true,
      subject: toS3(false),
      peer: libStorage(false, PART),
    },
    {
      ...shared,
      name: "2 GiB with the md5 of the whole",
      bytes: 2 * GiB,
      headline: true,
      note: "openssl sends nothing",
      limitedBy:
        "the file is read twice, once to be sent and once, in a worker, to be hashed: two cores, where openssl has one",
      goal: { time: 1.15 },
      subject: withMd5,
      peer: openssl,
    },
  ],
};
