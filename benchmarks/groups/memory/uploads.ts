import type { UploadOptions } from "@sluice/uploader";
import type { Contender, RunContext } from "../../harness/case.ts";
import { KiB, MiB } from "../../harness/size.ts";

// Everything is imported where it is used: what a case does not need is not to lie in its process's memory.
const importSources = async () => ({ ...(await import("@sluice/source")), ...(await import("@sluice/source/node")) });
const importUploader = async () => ({
  ...(await import("@sluice/uploader")),
  ...(await import("../transfer/bare-target.ts")),
});

const connections = { concurrency: 4 } as const satisfies UploadOptions;
/** What the user allows a one-shot stream to hold. */
export const memory: number = 64 * MiB;
const prepare = () => Promise.all([importSources(), importUploader()]);

type Modules = Awaited<ReturnType<typeof prepare>>;

/** An upload to the discarding server, without a provider's own requests. */
function bare(
  name: string,
  send: (
    context: RunContext,
    modules: Modules[0] & Modules[1],
    target: ReturnType<Modules[1]["bareTarget"]>["target"],
  ) => Promise<number>,
  latency?: number,
): Contender {
  return {
    name,
    prepare,
    async run(context) {
      const [sources, uploader] = await prepare();
      const { target, client } = uploader.bareTarget(context.server, latency);
      await using _ = client;
      return { bytes: await send(context, { ...sources, ...uploader }, target) };
    },
  };
}

/** A file, whose parts are read as they are sent. */
export const replayable: Contender = bare("upload(file)", async ({ file: path }, { file, upload }, target) => {
  await using source = file(path);
  return await upload(source, target, connections);
});

/** The same bytes, which come once. */
export const oneShot: Contender = bare(
  "upload(stream)",
  async ({ file: path, bytes }, { file, streamSource, upload }, target) => {
    await using source = file(path);
    return await upload(streamSource(source.stream(), { size: bytes }), target, { ...connections, memory });
  },
);

/**
 * Milliseconds to the reply to a part of small chunks: so all that may be held until then is held, in every run. They are
 * read more slowly than they are sent; answered at once, a run holds half of what it may or all of it, as the server keeps
 * up, and peaks differed by 20 MiB by chance.
 */
const LATENCY = 50;

/** Small chunks that come once: each byte is copied once, into memory that is used again. */
export const smallChunks: Contender = bare(
  "upload(stream)",
  async ({ bytes }, { streamSource, upload }, target) => {
    const chunk = new Uint8Array(KiB);
    const stamp = new DataView(chunk.buffer);
    function* chunks() {
      for (let offset = 0; offset < bytes; offset += KiB) {
        stamp.setFloat64(0, offset);
        yield chunk;
      }
    }
    return await upload(streamSource(chunks(), { size: bytes }), target, { ...connections, memory });
  },
  LATENCY,
);

/** The same file, piped into a sink. */
export const piped: Contender = bare("UploadStream", async ({ file: path }, { file, UploadStream }, target) => {
  await using source = file(path);
  const sink = new UploadStream(target, { name: "stamped", ...connections, memory });
  await source.stream().pipeTo(sink);
  return await sink.result;
});

/** Through the Uploads API, to the discarding server. */
export const toOpenai = (options: UploadOptions): Contender => ({
  name: "@sluice/openai",
  prepare: () => Promise.all([import("@sluice/openai"), import("@sluice/uploader"), import("@sluice/source/node")]),
  async run({ file: path, server }) {
    const { file } = await import("@sluice/source/node");
    const { openai } = await import("@sluice/openai");
    const { upload } = await import("@sluice/uploader");
    await using source = file(path);
    await using client = openai({ apiKey: "any", baseUrl: `${server}/v1` });
    const target = client.target({ purpose: "user_data" });
    return { bytes: (await upload(source, target, { ...connections, ...options })).bytes };
  },
});
