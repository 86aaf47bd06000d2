import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Codec, StreamPair } from "@sluice/streams";
import type { Contender, Outcome, RunContext } from "../../harness/case.ts";
import { KiB } from "../../harness/size.ts";

/** So many bytes that nothing can guess. */
export function randomBytes(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 64 * KiB) crypto.getRandomValues(bytes.subarray(at, Math.min(at + 64 * KiB, size)));
  return bytes;
}

/** A codec driven directly by one chunk again and again, the way a bare loop is. */
export function driven<In extends { readonly length: number }, Out>(
  name: string,
  make: () => Codec<In, Out>,
): Contender<In> {
  return {
    name,
    run({ bytes, fixture }) {
      const codec = make();
      let emitted = 0;
      const emit = () => {
        emitted += 1;
      };
      const rounds = roundsOf(bytes, fixture);
      for (let round = 0; round < rounds; round += 1) codec.transform(fixture, emit);
      codec.flush?.(emit);
      if (emitted === 0) throw new Error(`${name} has emitted nothing`);
      return { bytes: rounds * fixture.length };
    },
  };
}

/** What is done to one chunk, again and again. */
export function looped<In extends { readonly length: number }>(
  name: string,
  work: (chunk: In) => { readonly length: number },
): Contender<In> {
  return {
    name,
    run({ bytes, fixture }) {
      let length = 0;
      const rounds = roundsOf(bytes, fixture);
      for (let round = 0; round < rounds; round += 1) length += work(fixture).length;
      if (length === 0) throw new Error(`${name} has made nothing`);
      return { bytes: rounds * fixture.length };
    },
  };
}

/** A pipe from a source of one chunk again and again, through a stage, into a sink that counts. */
export function piped(
  name: string,
  make: () => StreamPair<Uint8Array, Uint8Array>,
): { readonly name: string; run(context: Pick<RunContext<Uint8Array>, "bytes" | "fixture">): Promise<Outcome> } {
  return {
    name,
    async run({ bytes, fixture }) {
      let received = 0;
      await sourceOf(bytes, fixture)
        .pipeThrough(make())
        .pipeTo(
          new WritableStream({
            write(chunk) {
              received += chunk.length;
            },
          }),
        );
      return { bytes: received };
    },
  };
}

/** The same through Node's own streams. */
export function nodePipe(name: string, make: () => NodeJS.ReadWriteStream): Contender<Uint8Array> {
  return {
    name,
    async run({ bytes, fixture }) {
      let left = roundsOf(bytes, fixture);
      let received = 0;
      const source = new Readable({
        highWaterMark: fixture.length,
        read() {
          this.push(left-- > 0 ? fixture : null);
        },
      });
      const sink = new Writable({
        write(chunk: Uint8Array | string, _encoding, done) {
          received += chunk.length;
          done();
        },
      });
      await pipeline(source, make(), sink);
      return { bytes: received };
    },
  };
}

/** How often a run takes its chunk. */
export function roundsOf(bytes: RunContext["bytes"], chunk: { readonly length: number }): number {
  return Math.ceil(bytes / chunk.length);
}

function sourceOf(bytes: number, chunk: Uint8Array): ReadableStream<Uint8Array> {
  let left = roundsOf(bytes, chunk);
  return new ReadableStream(
    {
      pull(controller) {
        if (left > 0) controller.enqueue(chunk);
        else controller.close();
        left -= 1;
      },
    },
    { highWaterMark: 0 },
  );
}
