import type { Script } from "./pretend-model.ts";
import type { SeenFile } from "./seen-files.ts";

/** One red pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC",
  "base64",
);
const BLOCK = 64 * 1024;

/** The result of a pretend model that was given these files. `urlOf` names a generated file. */
export function resultOf(
  { kind, count, urlsIn }: Script,
  input: Readonly<Record<string, unknown>>,
  files: readonly SeenFile[],
  urlOf: (name: string) => string,
): Record<string, unknown> {
  const name = kind === "file" ? "bin" : "png";
  const urls = { [urlsIn]: Array.from({ length: count }, (_, index) => urlOf(`out-${index}.${name}`)) };
  switch (kind) {
    case "image":
    case "file":
      return urls;
    case "digest":
      return { resultObject: { files } };
    case "text":
      return { resultObject: { text: String(input["prompt"] ?? ""), files } };
    case "all":
      return { ...urls, resultObject: { files } };
  }
}

/** A generated file: an image, or a row of 8-byte numbers, big-endian, each of them its own offset. */
export interface OutputFile {
  readonly size: number;
  readonly type: string;
  /** The bytes from `start` to before `end`. */
  bytes(start: number, end: number): AsyncIterable<Buffer>;
}

/** The generated file of this name; undefined where there is none. */
export function outputFile(script: Script, name: string): OutputFile | undefined {
  const { kind, count, size } = script;
  const [, index, extension] = /^out-(\d+)\.(png|bin)$/.exec(name) ?? [];
  if (index === undefined || Number(index) >= count || kind === "digest" || kind === "text") return undefined;
  if ((kind === "file") !== (extension === "bin")) return undefined;
  if (extension === "bin") return { size, type: "application/octet-stream", bytes: stamped };
  return {
    size: PNG.length,
    type: "image/png",
    async *bytes(start, end) {
      yield PNG.subarray(start, end);
    },
  };
}

async function* stamped(start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start - (start % 8); at < end; at += BLOCK) {
    const block = Buffer.allocUnsafeSlow(BLOCK);
    for (let offset = 0; offset < BLOCK; offset += 8) block.writeBigUInt64BE(BigInt(at + offset), offset);
    yield block.subarray(Math.max(0, start - at), Math.min(BLOCK, end - at));
  }
}
