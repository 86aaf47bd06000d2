import type { SeenFile } from "./input-files.ts";
import type { Outcome, Prediction } from "./prediction.ts";
import type { Script } from "./pretend-model.ts";

/** One red pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC",
  "base64",
);
const BLOCK = 64 * 1024;

/** What comes out of a pretend model that was given these files. `urlOf` names a generated file. */
export function outputOf(
  { kind, count }: Script,
  input: Readonly<Record<string, unknown>>,
  files: readonly SeenFile[],
  urlOf: (name: string) => string,
): Outcome {
  if (kind === "digest") return { output: { files } };
  if (kind === "text")
    return { output: tokens(files.length > 0 ? JSON.stringify({ files }) : String(input["prompt"] ?? "")) };
  const names = Array.from({ length: count }, (_, index) =>
    kind === "image" ? `out-${index}.png` : `out-${index}.bin`,
  );
  return { output: kind === "file" && count === 1 ? urlOf("out-0.bin") : names.map(urlOf) };
}

/** Words with the space before them, and, as recorded from the service, an empty one at the end. */
function tokens(text: string): string[] {
  return [...(text.match(/\s*\S+|\s+$/g) ?? []), ""];
}

/** A generated file: an image, or a row of 8-byte numbers, big-endian, each of them its own offset. */
export interface OutputFile {
  readonly size: number;
  readonly type: string;
  /** The bytes from `start` to before `end`. */
  bytes(start: number, end: number): AsyncIterable<Buffer>;
}

/** The generated file of this name; undefined where there is none. */
export function outputFile({ details: { script } }: Prediction, name: string): OutputFile | undefined {
  const index = /^out-(\d+)\.(png|bin)$/.exec(name);
  if (index === null || Number(index[1]) >= script.count) return undefined;
  if (script.kind === "image" && index[2] === "png") {
    return {
      size: PNG.length,
      type: "image/png",
      async *bytes(start, end) {
        yield PNG.subarray(start, end);
      },
    };
  }
  if (script.kind !== "file" || index[2] !== "bin") return undefined;
  return { size: script.size, type: "application/octet-stream", bytes: stamped };
}

/** The same image as a data URI: what a create call that waited answers with. */
export function imageDataUri(): string {
  return `data:image/png;base64,${PNG.toString("base64")}`;
}

async function* stamped(start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start - (start % 8); at < end; at += BLOCK) {
    const block = Buffer.allocUnsafeSlow(BLOCK);
    for (let offset = 0; offset < BLOCK; offset += 8) block.writeBigUInt64BE(BigInt(at + offset), offset);
    yield block.subarray(Math.max(0, start - at), Math.min(BLOCK, end - at));
  }
}
