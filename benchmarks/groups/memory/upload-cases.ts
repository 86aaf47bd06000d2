import { type Case, defineCase } from "../../harness/case.ts";
import { type EmulatorProcess, startEmulatorProcess } from "../../harness/emulator-process.ts";
import { GiB, MiB } from "../../harness/size.ts";
import { memory, oneShot, piped, replayable, smallChunks, toOpenai } from "./uploads.ts";

// Everything else is imported where it is used: what a case does not need is not to lie in its process's memory.
const sizes = [GiB, 4 * GiB];
// Below half a GiB not every connection has had all that it will ever hold.
const quickSizes = [512 * MiB, GiB];
const common = {
  mode: "process",
  bytes: GiB,
  sizes,
  quickSizes,
  rounds: 2,
  file: true,
} as const satisfies Partial<Case>;
/** Megabytes, as the bars are given. */
const MB = 1e6;

type OpenFile = typeof import("@sluice/source/node").file;

/** One request to a provider's stand-in, which runs in a process of its own. */
function toProvider(
  name: string,
  load: () => Promise<unknown>,
  send: (file: OpenFile, path: string, urls: EmulatorProcess["urls"]) => Promise<unknown>,
  more: Partial<Case<EmulatorProcess>>,
): Case {
  return defineCase<EmulatorProcess>({
    ...common,
    // One connection has had all that it ever will before four have.
    quickSizes: [256 * MiB, 512 * MiB],
    name,
    setup: startEmulatorProcess,
    teardown: (emulator) => emulator.stop(),
    subject: {
      name: "send",
      prepare: () => Promise.all([load(), import("@sluice/source/node")]),
      async run({ file: path, bytes, fixture }) {
        const { file } = await import("@sluice/source/node");
        await send(file, path, fixture.urls);
        return { bytes };
      },
    },
    ...more,
  });
}

/** Uploads, of files that are read as they are sent and of streams that come once, and each provider's way. */
export const uploadCases: readonly Case[] = [
  {
    ...common,
    name: "file in parts, 4 connections",
    server: true,
    bars: { growth: 8 * MiB, peak: 120 * MB },
    subject: replayable,
  },
  {
    ...common,
    name: "stream, 64 MiB of memory",
    server: true,
    bars: { growth: 16 * MiB },
    subject: oneShot,
  },
  {
    ...common,
    name: "stream of 1 KiB chunks, 64 MiB",
    file: false,
    server: true,
    rounds: 2,
    bars: { growth: 16 * MiB, above: memory + 32 * MiB },
    subject: smallChunks,
  },
  {
    ...common,
    name: "UploadStream, 64 MiB of memory",
    server: true,
    note: "it holds the pipe's own chunks, and V8 lets those gather: peaks differ by 40 MiB from run to run",
    rounds: 3,
    bars: { growth: 16 * MiB },
    subject: piped,
  },
  {
    ...common,
    name: "OpenAI, parts",
    server: true,
    largest: 8 * GiB,
    bars: { growth: 8 * MiB, peak: 115 * MB },
    subject: toOpenai({}),
  },
  {
    ...common,
    name: "OpenAI, parts, md5 of the whole",
    server: true,
    largest: 8 * GiB,
    rounds: 2,
    quickSizes: [256 * MiB, 512 * MiB],
    bars: { growth: 8 * MiB, peak: 140 * MB },
    subject: toOpenai({ digest: ["md5"] }),
  },
  toProvider(
    "OneAI, raw",
    () => import("@sluice/oneai"),
    async (file, path, urls) => {
      const { oneai } = await import("@sluice/oneai");
      await using client = oneai({ apiKey: "any", baseUrl: urls.oneai });
      await client.start(["transcribe"], file(path, { type: "audio/mpeg" }));
    },
    { rounds: 2, bars: { growth: 8 * MiB, peak: 115 * MB } },
  ),
  toProvider(
    "kie.ai, multipart",
    () => import("@sluice/kie"),
    async (file, path, urls) => {
      const { kie } = await import("@sluice/kie");
      await using client = kie({ apiKey: "any", baseUrl: urls.kie });
      await client.send(file(path), { method: "stream" });
    },
    { rounds: 2, bars: { growth: 8 * MiB, peak: 115 * MB } },
  ),
  toProvider(
    "kie.ai, base64 in JSON",
    () => import("@sluice/kie"),
    async (file, path, urls) => {
      const { kie } = await import("@sluice/kie");
      await using client = kie({ apiKey: "any", baseUrl: urls.kie, allowLarge: true });
      await client.send(file(path), { method: "base64" });
    },
    { rounds: 1, bars: { growth: 8 * MiB, peak: 130 * MB } },
  ),
  toProvider(
    "Replicate, its largest file",
    () => import("@sluice/replicate"),
    async (file, path, urls) => {
      const { replicate } = await import("@sluice/replicate");
      await using client = replicate({ apiToken: "any", baseUrl: urls.replicate });
      await client.send(file(path));
    },
    {
      sizes: [24 * MiB, 92 * MiB],
      quickSizes: [24 * MiB, 92 * MiB],
      largest: 92 * MiB,
      bars: { growth: 8 * MiB, peak: 115 * MB },
    },
  ),
];
