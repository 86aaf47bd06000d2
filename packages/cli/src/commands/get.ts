import { basename, resolve } from "node:path";
import { Writable } from "node:stream";
import { HashStream } from "@sluice/hash";
import { type ByteSource, urlSource } from "@sluice/source";
import { fileSink } from "@sluice/source/node";
import { formatSize } from "../byte-size.ts";
import { CommandError, UsageError } from "../command-error.ts";
import { formatDuration } from "../duration.ts";
import { EXIT } from "../exit-code.ts";
import { type Invocation, openBoard } from "../invocation.ts";

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
  const expected = digestIn(options.digest);
  const { signal, output } = invocation;
  const source = await urlSource(url, { signal });
  try {
    const path = options.output ?? safeName(source.name ?? basename(url.pathname));
    const toStdout = path === "-";
    const hasher = expected && new HashStream(expected.algorithm, { expect: expected.hex });
    const board = await openBoard(invocation);
    const began = performance.now();
    let size = 0;
    try {
      const file = board.begin(path, source.size);
      const counted = source
        .stream({ signal })
        .pipeThrough(counter((all) => file.update(progressOf(all, source, began))));
      const stream = hasher ? counted.pipeThrough(hasher) : counted;
      const sink = toStdout
        ? (Writable.toWeb(process.stdout) as WritableStream<Uint8Array>)
        : fileSink(path, { size: source.size, overwrite: options.force });
      await stream.pipeTo(sink, { signal });
      size = file.progress.sent;
    } finally {
      board.close();
    }
    const digest = await hasher?.digest;
    if (!toStdout) {
      output.result(
        {
          type: "saved",
          path: resolve(path),
          size,
          ...(digest !== undefined && { digests: { [digest.algorithm]: digest.hex } }),
        },
        path,
      );
    }
    const verified = digest === undefined ? "" : `, ${digest.algorithm} verified`;
    output.note(`Saved ${path} (${formatSize(size)}) in ${formatDuration(performance.now() - began)}${verified}.`);
    return EXIT.ok;
  } catch (error) {
    if (Object(error).code === "EPIPE" && options.output === "-") return EXIT.ok;
    throw error;
  } finally {
    await source.close();
  }
}

function progressOf(sent: number, { size }: ByteSource, began: number) {
  const span = performance.now() - began;
  const rate = span > 1000 ? (sent / span) * 1000 : undefined;
  const eta = rate !== undefined && size !== undefined ? ((size - sent) / rate) * 1000 : undefined;
  return { sent, acknowledged: sent, total: size, rate, eta };
}

function counter(count: (all: number) => void) {
  let all = 0;
  return new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      all += chunk.byteLength;
      count(all);
      controller.enqueue(chunk);
    },
  });
}

/** The server's word for a name is no path. */
function safeName(name: string): string {
  const safe = basename(name.replaceAll("\\", "/")).replaceAll(/\p{Cc}/gu, "");
  if (safe !== "" && safe !== "." && safe !== "..") return safe;
  throw new CommandError("The address does not say what to call the file.", "Give it a name with -o.", EXIT.usage);
}

const LENGTHS = { 32: "md5", 40: "sha1", 64: "sha256", 128: "sha512" } as const;

/** `sha256:…`, or hexadecimal alone, whose length tells. */
function digestIn(
  text: string | undefined,
): { algorithm: "md5" | "sha1" | "sha256" | "sha512"; hex: string } | undefined {
  if (text === undefined) return undefined;
  const [, name, hex = ""] = /^(?:(\w+)[:=])?([\da-f]+)$/i.exec(text) ?? [];
  const algorithm = LENGTHS[hex.length as keyof typeof LENGTHS];
  if (algorithm !== undefined && (name === undefined || name.toLowerCase() === algorithm)) {
    return { algorithm, hex: hex.toLowerCase() };
  }
  throw new UsageError(
    `"${text}" is no digest.`,
    "Write md5, sha1, sha256 or sha512 and its digits, such as sha256:9f86….",
  );
}
