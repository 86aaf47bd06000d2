import type { StreamPair } from "@sluice/streams";
import type { Case, Contender } from "../../harness/case.ts";
import { GiB, MiB } from "../../harness/size.ts";

type Stage = StreamPair<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>;
type MakeStages = () => Promise<readonly unknown[]>;
type Expected = (bytes: number, received: number) => boolean;

// Everything is imported where it is used: what a case does not need is not to lie in its process's memory.

/** A file through stages into a sink that counts. */
function through(make: MakeStages, expected: Expected): Contender {
  return {
    name: "pipe",
    prepare: async () => [await import("@sluice/source/node"), await make()],
    async run({ file: path, bytes }) {
      const { file } = await import("@sluice/source/node");
      await using source = file(path);
      let stream = source.stream();
      for (const stage of (await make()) as readonly Stage[]) stream = stream.pipeThrough(stage);
      let received = 0;
      await stream.pipeTo(
        new WritableStream({
          write(chunk) {
            received += chunk.length;
          },
        }),
      );
      if (!expected(bytes, received)) throw new Error(`${received} bytes came out of ${bytes}`);
      return { bytes };
    },
  };
}

const same: Expected = (bytes, received) => received === bytes;
const encoded: Expected = (bytes, received) => received === Math.ceil(bytes / 3) * 4;
const compressed: Expected = (bytes, received) => received > bytes / 16 && received < bytes / 4;

function stageCase(name: string, make: MakeStages, expected = same, more: Partial<Case> = {}): Case {
  return {
    name,
    mode: "process",
    bytes: GiB,
    sizes: [GiB, 4 * GiB],
    // At 128 MiB workers and compressors do not yet hold all that they ever will: they grew by 14 to 17 MiB from there.
    quickSizes: [256 * MiB, 512 * MiB],
    rounds: 2,
    file: true,
    bars: { growth: 8 * MiB },
    subject: through(make, expected),
    ...more,
  };
}

const chunker = async (size: number) => new (await import("@sluice/chunker")).ChunkerStream(size);
const encoder = async () => new (await import("@sluice/base64")).Base64EncoderStream();
const decoder = async () => new (await import("@sluice/base64")).Base64DecoderStream();
const hash = async (...[names, options]: ConstructorParameters<typeof import("@sluice/hash").HashStream>) =>
  new (await import("@sluice/hash")).HashStream(names, options);
const noise = async () => (await import("./noise.ts")).noisy();
const gzip = async () => new (await import("@sluice/compress")).CompressorStream("gzip", { level: 1 });
const gunzip = async () => new (await import("@sluice/compress")).DecompressorStream("gzip");

/** What deflates takes longest. */
const slow = { rounds: 1, quickSizes: [256 * MiB, 384 * MiB] } as const;

/** Every stage alone, and four of them in one pipe. */
export const stageCases: readonly Case[] = [
  stageCase("file", async () => []),
  // V8 lets arrays of 1 MiB gather before it collects them, some 30 MiB more in one run than in the next: a bare
  // TransformStream that joins chunks to 1 MiB peaked at 160 to 178 MiB, this stage at 141 to 197, at 32 GiB at 172.
  stageCase("chunker to 1 MiB", async () => [await chunker(MiB + 1)], same, {
    note: "V8 lets arrays of 1 MiB gather: peaks differ by 30 MiB from run to run, for a bare TransformStream too",
    rounds: 3,
  }),
  stageCase("base64 encoder", async () => [await encoder()], encoded),
  stageCase("base64 encoder, decoder", async () => [await encoder(), await decoder()]),
  stageCase("sha256", async () => [await hash("sha256")]),
  stageCase("blake3 by WebAssembly", async () => [await hash("blake3")]),
  stageCase("md5 and sha256 in workers", async () => [await hash(["md5", "sha256"], { worker: true })]),
  stageCase("gzip", async () => [await noise(), await gzip()], compressed, slow),
  stageCase("gzip and back", async () => [await noise(), await gzip(), await gunzip()], same, slow),
  stageCase(
    "sha256, gzip, base64, chunker",
    async () => [await noise(), await hash("sha256"), await gzip(), await encoder(), await chunker(100_000)],
    (bytes, received) => compressed(bytes, (received / 4) * 3),
    slow,
  ),
];
