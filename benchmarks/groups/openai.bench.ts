import { createReadStream, openAsBlob } from "node:fs";
import { openai } from "@sluice/openai";
import { file } from "@sluice/source/node";
import { upload } from "@sluice/uploader";
import type OpenAI from "openai";
import type { Case, Contender, Group, RunContext } from "../harness/case.ts";
import { GiB } from "../harness/size.ts";
import { AHEAD, curl } from "./transfer/curl.ts";
import { CONNECTIONS, inParts, PART } from "./transfer/in-parts.ts";

/** As people write it. */
const ours: Contender = {
  name: "@sluice/openai",
  async run({ file: path, server }) {
    await using source = file(path);
    await using client = openai({ apiKey: "any", baseUrl: `${server}/v1` });
    const target = client.target({ purpose: "user_data" });
    return { bytes: (await upload(source, target, { partSize: PART, concurrency: CONNECTIONS })).bytes };
  },
};

/** Loaded where it is used: it is not to weigh on the memory of the others. */
const sdkModule = () => import("openai");

type PartData = (start: number, end: number) => Promise<OpenAI.Uploads.PartCreateParams["data"]>;

/** The official SDK, which has no chunked helper. */
async function withSdk({ server, bytes }: RunContext, options: OpenAI.RequestOptions, data: PartData) {
  const { OpenAI } = await sdkModule();
  const sdk = new OpenAI({ apiKey: "any", baseURL: `${server}/v1` });
  const { id } = await sdk.uploads.create({
    bytes,
    filename: "stamped",
    mime_type: "text/plain",
    purpose: "user_data",
  });
  const ids: string[] = [];
  await inParts(bytes, async (start, end, index) => {
    const part = await sdk.uploads.parts.create(id, { data: await data(start, end) }, options);
    ids[index] = part.id;
  });
  const done = await sdk.uploads.complete(id, { part_ids: ids });
  return { bytes: done.bytes };
}

/** Slices of a Blob, which have a length; redirects refused, or fetch keeps every body whole. */
const sdkBlobs: Contender = {
  name: "openai SDK, best recipe",
  prepare: sdkModule,
  async run(context) {
    const blob = await openAsBlob(context.file);
    const data: PartData = async (start, end) => new File([blob.slice(start, end)], "stamped");
    return withSdk(context, { fetchOptions: { redirect: "error" } }, data);
  },
};

/** `toFile` of a stream, as the SDK's own examples have it. */
const sdkFiles: Contender = {
  name: "openai SDK, plain",
  prepare: sdkModule,
  async run(context) {
    const { toFile } = await sdkModule();
    const data: PartData = (start, end) => toFile(createReadStream(context.file, { start, end: end - 1 }), "stamped");
    return withSdk(context, {}, data);
  },
};

const shared = { mode: "process", bytes: 2 * GiB, file: true, server: true } as const satisfies Partial<Case>;

/** One file through the Uploads API to the discarding server over loopback. */
export const group: Group = {
  description: "a file through OpenAI's Uploads API: beside curl and the official SDK",
  cases: [
    {
      ...shared,
      name: "32 parts, beside curl",
      headline: true,
      goal: { time: 1.25, cpu: 1.6 },
      limitedBy: AHEAD,
      subject: ours,
      peer: curl,
    },
    {
      ...shared,
      name: "32 parts, beside the SDK's best",
      headline: true,
      goal: { time: 0.4 },
      guarded: true,
      subject: ours,
      peer: sdkBlobs,
    },
    {
      ...shared,
      name: "32 parts, beside the SDK's plain",
      headline: true,
      note: "goal: a tenth of the peer's memory",
      goal: { time: 0.2 },
      rounds: 3,
      subject: ours,
      peer: sdkFiles,
    },
  ],
};
