import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type UrlSourceOptions, urlSource } from "./index.ts";

const BODY = Uint8Array.from({ length: 50_000 }, (_, index) => (index * 31 + (index >> 8)) & 0xff);

/** A server in a function: `chunk` bytes at a time, of which every chunk is kept to be looked at. */
function server(chunk = 700, hold = Number.POSITIVE_INFINITY) {
  const ranges: string[] = [];
  const chunks: Uint8Array[] = [];
  const cancelled: unknown[] = [];
  const fetch = async (_: unknown, init?: RequestInit): Promise<Response> => {
    const range = new Headers(init?.headers).get("range") ?? "";
    const [, first = "0", last = "0"] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
    ranges.push(range.slice("bytes=".length));
    let position = Number(first);
    const end = Number(last) + 1;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        pull(controller) {
          if (position >= hold) return new Promise<void>(() => {});
          const bytes = BODY.slice(position, Math.min(position + chunk, end));
          if (bytes.byteLength === 0) return controller.close();
          chunks.push(bytes);
          position += bytes.byteLength;
          controller.enqueue(bytes);
        },
        cancel: (reason) => void cancelled.push(reason),
      },
      { highWaterMark: 0 },
    );
    const headers = {
      etag: '"v1"',
      "accept-ranges": "bytes",
      "content-range": `bytes ${first}-${last}/${BODY.length}`,
    };
    return new Response(body, { status: 206, headers });
  };
  const open = (options: UrlSourceOptions = {}) => urlSource("https://files.example/a.bin", { ...options, fetch });
  return { open, ranges, chunks, cancelled };
}

describe("a URL read by position", () => {
  test("asks once for a row of reads, however it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 4000 }),
        fc.integer({ min: 0, max: 49_000 }),
        fc.boolean(),
        async (sizes, chunk, start, release) => {
          const { open, ranges } = server(chunk);
          await using source = await open({ release });
          const until = Math.min(BODY.length, start + sizes.reduce((sum, size) => sum + size, 0));
          let position = start;
          for (const size of sizes) {
            const into = new Uint8Array(size);
            const count = await source.read?.(into, position, { until });
            expect(count).toBe(Math.min(size, BODY.length - position));
            expect(into.subarray(0, count)).toEqual(BODY.subarray(position, position + (count ?? 0)));
            position += count ?? 0;
          }
          expect(ranges).toEqual(["0-0", `${start}-${until - 1}`]);
        },
      ),
    );
  });

  test("goes on with the right one of several rows, and begins another where a read fits none", async () => {
    const { open, ranges } = server();
    await using source = await open();
    const [a, b] = [new AbortController().signal, new AbortController().signal];
    const read = async (position: number, until: number, signal?: AbortSignal) => {
      const into = new Uint8Array(500);
      await source.read?.(into, position, { until, signal });
      expect(into).toEqual(BODY.subarray(position, position + 500));
    };
    await Promise.all([read(0, 2000, a), read(2000, 4000, b)]);
    await Promise.all([read(500, 2000, a), read(2500, 4000, b)]);
    // Of another attempt, whose end is not this one's.
    await read(1000, 2000, b);
    await read(1000, 2000, a);
    expect(ranges.slice(1)).toEqual(["0-1999", "2000-3999", "1000-1999"]);
  });

  test("reads on where the range that was announced was too short", async () => {
    const { open, ranges } = server();
    await using source = await open();
    const into = new Uint8Array(900);
    expect(await source.read?.(into, 0, { until: 100 })).toBe(900);
    expect(into).toEqual(BODY.subarray(0, 900));
    expect(ranges.slice(1)).toEqual(["0-99", "100-899"]);
  });

  test("an abort ends a read that waits, with its reason, and lets go of the download", async () => {
    const { open, cancelled } = server(700, 700);
    await using source = await open();
    const stop = new AbortController();
    const reading = source.read?.(new Uint8Array(1000), 0, { signal: stop.signal });
    const reason = new Error("enough");
    setTimeout(() => stop.abort(reason));
    await expect(reading).rejects.toBe(reason);
    expect(cancelled.length).toBe(1);
  });

  test("an abort lets go of a download between two reads", async () => {
    const { open, cancelled } = server();
    await using source = await open();
    const stop = new AbortController();
    await source.read?.(new Uint8Array(10), 0, { signal: stop.signal });
    expect(cancelled).toEqual([]);
    stop.abort();
    await expect.poll(() => cancelled.length).toBe(1);
  });

  test("closing ends what waits, and lets go of every download", async () => {
    const { open, cancelled } = server(700, 700);
    const source = await open();
    await source.read?.(new Uint8Array(10), 0);
    const reading = source.read?.(new Uint8Array(1000), 100);
    const failed = expect(reading).rejects.toThrow("closed");
    await source.close();
    await failed;
    expect(cancelled.length).toBe(2);
    await expect(source.read?.(new Uint8Array(1), 0)).rejects.toThrow("closed");
  });

  test.each([
    ["large ones that were copied, where it may", 20_000, true, 0],
    ["none otherwise", 20_000, false, 20_000],
    ["no small ones", 700, true, 700],
  ])("frees chunks: %s", async (_, size, release, left) => {
    const { open, chunks } = server(size);
    await using source = await open({ release });
    await source.read?.(new Uint8Array(size + 10), 0);
    // The first is the look at the URL; of the last one a part is still to be read.
    expect(chunks.map(({ buffer }) => buffer.byteLength)).toEqual([1, left, size]);
  });

  test("a stream hands its chunks on as they are", async () => {
    const { open } = server();
    await using source = await open({ release: true });
    expect(await new Response(source.stream()).bytes()).toEqual(BODY);
  });
});
