import { basename, resolve } from "node:path";
import { Writable } from "node:stream";
import { HashStream } from "@sluice/hash";
import { type ByteSource, urlSource } from "@sluice/source";
import { formatSize } from "../byte-size.ts";
import { CommandError, UsageError } from "../command-error.ts";
import { formatDuration } from "../duration.ts";
import { EXIT } from "../exit-code.ts";
import { type ExpectedDigest, parseExpectedDigest } from "../expected-digest.ts";
import { type Invocation, openBoard } from "../invocation.ts";
import { labelOf } from "../open-input.ts";
import type { FileOnBoard } from "../progress-board.ts";
import { reportFailure } from "../report-failure.ts";
import { KeptError, saveDownload } from "../save-download.ts";

/** Options of `sluice get`, as they are written. */
export interface GetOptions {
  readonly output?: string;
  readonly digest?: string;
  readonly force: boolean;
}

export async function get(address: string, options: GetOptions, invocation: Invocation): Promise<number> {
  const url = /^https?:/i.test(address) ? URL.parse(address) : null;
  if (!url)
    throw new UsageError(`"${address}" is no address.`, "Write it whole, such as https://example.org/clip.mp4.");
  const expected = options.digest === undefined ? undefined : parseExpectedDigest(options.digest);
  const { signal, output } = invocation;
  const label = labelOf(address);
  const began = performance.now();
  await using source = await urlSource(url, { signal });
  const path = options.output ?? safeName(source.name ?? basename(url.pathname));
  const board = await openBoard(invocation);
  const file = board.begin(path === "-" ? label : path, source.size);
  const onProgress = progressTo(file, source, began);
  try {
    if (path === "-") await print(source, expected, onProgress, signal);
    else
      await saveDownload({ source, address: label, path, expected, force: options.force, signal, onProgress }, output);
  } catch (error) {
    if (Object(error).code === "EPIPE" && path === "-") return EXIT.ok;
    board.close();
    const { cause, hint } = error instanceof KeptError ? error : { cause: error, hint: undefined };
    return reportFailure(output, cause, { input: label, hint }).exitCode;
  } finally {
    board.close();
  }
  const size = file.progress.sent;
  if (path !== "-") {
    const digests = expected && { [expected.algorithm]: expected.hex };
    output.result({ type: "saved", path: resolve(path), size, ...(digests && { digests }) }, path);
  }
  const verified = expected === undefined ? "" : `, ${expected.algorithm} verified`;
  const what = path === "-" ? `Wrote ${formatSize(size)}` : `Saved ${path} (${formatSize(size)})`;
  output.note(`${what} in ${formatDuration(performance.now() - began)}${verified}.`);
  return EXIT.ok;
}

/** To the standard output, where a digest can only be told to be wrong when all is out. */
async function print(
  source: ByteSource,
  expected: ExpectedDigest | undefined,
  onProgress: (all: number) => void,
  signal: AbortSignal,
): Promise<void> {
  let all = 0;
  const counter = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      all += chunk.byteLength;
      onProgress(all);
      controller.enqueue(chunk);
    },
  });
  const hasher = expected && new HashStream(expected.algorithm, { expect: expected.hex });
  const counted = source.stream({ signal }).pipeThrough(counter);
  const sink = Writable.toWeb(process.stdout) as WritableStream<Uint8Array>;
  await (hasher ? counted.pipeThrough(hasher) : counted).pipeTo(sink, { signal });
}

function progressTo(file: FileOnBoard, { size: total }: ByteSource, began: number): (all: number) => void {
  let first: number | undefined;
  return (all) => {
    // What arrived before has not come at this rate.
    first ??= all;
    const span = performance.now() - began;
    const rate = span > 1000 ? ((all - first) / span) * 1000 : undefined;
    const eta = rate !== undefined && rate > 0 && total !== undefined ? ((total - all) / rate) * 1000 : undefined;
    file.update({ sent: all, acknowledged: all, total, rate, eta });
  };
}

/** The server's word for a name is no path. */
function safeName(name: string): string {
  const safe = basename(name.replaceAll("\\", "/")).replaceAll(/\p{Cc}/gu, "");
  if (safe !== "" && safe !== "." && safe !== "..") return safe;
  throw new CommandError("The address does not say what to call the file.", "Give it a name with -o.", EXIT.usage);
}
