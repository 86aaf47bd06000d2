import { execFile } from "node:child_process";
import { createReadStream, openAsBlob } from "node:fs";
import { promisify } from "node:util";
import { openai } from "@sluice/openai";
import { file } from "@sluice/source/node";
import { upload } from "@sluice/uploader";
import OpenAI from "openai";
import type { Case, Contender, Group, RunContext } from "../harness/case.ts";
import { GiB, MiB } from "../harness/size.ts";

const PART = 64 * MiB;
const CONNECTIONS = 4;

/** As people write it. */
function ours(partSize: number = PART): Contender {
  return {
    name: "@sluice/openai",
    async run({ file: path, server }) {
      await using source = file(path);
      await using client = openai({ apiKey: "any", baseUrl: `${server}/v1` });
      const target = client.target({ purpose: "user_data" });
      return { bytes: (await upload(source, target, { partSize, concurrency: CONNECTIONS })).bytes };
    },
  };
}

/** One file in one request: what this machine can do at all. */
const curl: Contender = {
  name: "curl -T",
  async run({ file: path, server }) {
    const { stdout } = await promisify(execFile)("curl", ["-sS", "-T", path, `${server}/file`]);
    return JSON.parse(stdout) as { bytes: number };
  },
};

type PartData = (start: number, end: number) => Promise<OpenAI.Uploads.PartCreateParams["data"]>;

/** The official SDK, which has no chunked helper: the loop that its users write, four parts at a time. */
async function withSdk({ server, bytes }: RunContext, options: OpenAI.RequestOptions, data: PartData) {
  const sdk = new OpenAI({ apiKey: "any", baseURL: `${server}/v1` });
  const { id } = await sdk.uploads.create({
    bytes,
    filename: "stamped",
    mime_type: "text/plain",
    purpose: "user_data",
  });
  const ids: string[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (next < bytes) {
        const start = next;
        next = Math.min(start + PART, bytes);
        const part = await sdk.uploads.parts.create(id, { data: await data(start, next) }, options);
        ids[start / PART] = part.id;
      }
    }),
  );
  const done = await sdk.uploads.complete(id, { part_ids: ids });
  return { bytes: done.bytes };
}

const sdkBlobs: Contender = {
  name: "openai SDK, Blob slices, redirects refused",
  async run(context) {
    const blob = await openAsBlob(context.file);
    const data: PartData = async (start, end) => new File([blob.slice(start, end)], "stamped");
    return withSdk(context, { fetchOptions: { redirect: "error" } }, data);
  },
};

const sdkStreams: Contender = {
  name: "openai SDK, file streams",
  run: (context) => withSdk(context, {}, async (start, end) => createReadStream(context.file, { start, end: end - 1 })),
};

const shared = { mode: "process", bytes: 2 * GiB, file: true, server: true } as const satisfies Partial<Case>;

/** One file through the Uploads API to the discarding server over loopback. */
export const group: Group = {
  description: "a file through OpenAI's Uploads API: beside curl and the official SDK, and memory over sizes",
  cases: [
    {
      ...shared,
      name: "32 parts, beside curl",
      note: "goals: time ≤ 1.25, CPU ≤ 1.6; bar: ≤ 115 MB",
      subject: ours(),
      peer: curl,
    },
    { ...shared, name: "32 parts, beside the SDK's best", note: "goal: time ≤ 0.4", subject: ours(), peer: sdkBlobs },
    {
      ...shared,
      name: "32 parts, beside the SDK's plain",
      note: "goal: time ≤ 0.2",
      subject: ours(),
      peer: sdkStreams,
    },
    { ...shared, name: "parts of 8 MiB", note: "bar: the same peak within 8 MB", rounds: 3, subject: ours(8 * MiB) },
    {
      ...shared,
      name: "8 GiB, the most that one upload holds",
      note: "bar: the same peak within 8 MB",
      bytes: 8 * GiB,
      rounds: 2,
      subject: ours(),
    },
  ],
};
