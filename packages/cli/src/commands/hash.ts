import { createHasher, type Digest, hashSource } from "@sluice/hash";
import { urlSource } from "@sluice/source";
import { closest } from "../closest.ts";
import { UsageError } from "../command-error.ts";
import { EXIT, exitCodeOf } from "../exit-code.ts";
import type { Invocation } from "../invocation.ts";
import { labelOf, openInput } from "../open-input.ts";
import { reportFailure } from "../report-failure.ts";

const ALGORITHMS = ["md5", "sha1", "sha256", "sha512", "blake3", "crc32", "crc32c", "crc64nvme", "xxh64"] as const;
type Name = (typeof ALGORITHMS)[number];

export async function hash(
  inputs: readonly string[],
  { algorithm }: { readonly algorithm: string },
  invocation: Invocation,
): Promise<number> {
  const names = algorithmsIn(algorithm);
  const { output, signal } = invocation;
  // An engine that cannot be had here is the command line's fault, not the first file's.
  for (const name of names) await createHasher(name);
  const codes: number[] = [];
  for (const given of inputs) {
    if (output.closed) break;
    try {
      const input = openInput(given);
      const source = input.content instanceof URL ? await urlSource(input.content, { signal }) : input.content;
      try {
        let size = 0;
        const counted = source.size === undefined ? streamCounting(source, (bytes) => (size += bytes)) : source;
        const digests = (await hashSource(counted, names, { signal })) as Readonly<Record<string, Digest>>;
        const hex = Object.fromEntries(names.map((name) => [name, digests[name]?.hex ?? ""]));
        // With one algorithm as sha256sum writes it, so that its -c can read it.
        const text = names.map((name) =>
          names.length === 1 ? `${hex[name]}  ${input.label}` : `${name}  ${hex[name]}  ${input.label}`,
        );
        output.result({ type: "digest", input: input.label, size: source.size ?? size, digests: hex }, text.join("\n"));
        codes.push(EXIT.ok);
      } finally {
        await source.close();
        await input.close();
      }
    } catch (error) {
      if (signal.aborted) throw error;
      codes.push(reportFailure(output, error, { input: labelOf(given) }).exitCode);
    }
  }
  return exitCodeOf(codes);
}

/** @throws {UsageError} for a name that is none. */
function algorithmsIn(text: string): readonly Name[] {
  const names = text.split(",").map((name) => name.trim().toLowerCase().replace("-", ""));
  for (const name of names) {
    if ((ALGORITHMS as readonly string[]).includes(name)) continue;
    const meant = closest(name, ALGORITHMS);
    throw new UsageError(
      `There is no algorithm "${name}" here.`,
      `${meant === undefined ? "" : `Did you mean ${meant}? `}There are ${ALGORITHMS.join(", ")}.`,
    );
  }
  return [...new Set(names)] as Name[];
}

type Source = Parameters<typeof hashSource>[0];

/** A source whose size is known when it has been read. */
function streamCounting(source: Source, count: (bytes: number) => void): Source {
  const counter = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      count(chunk.byteLength);
      controller.enqueue(chunk);
    },
  });
  return { ...source, stream: (range) => source.stream(range).pipeThrough(counter) } as Source;
}
