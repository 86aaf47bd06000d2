import fc from "fast-check";
import { expect, test } from "vitest";
import { readAll } from "./read-all.test.support.ts";
import { SizeMismatchError } from "./size-mismatch-error.ts";
import { sourceLaws } from "./source-laws.ts";
import { streamSource } from "./stream-source.ts";

const text = async (stream: ReadableStream<Uint8Array>) => new TextDecoder().decode(await readAll(stream));
const bytesOf = (given: string) => new TextEncoder().encode(given);

async function* each(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

function streamOf(
  chunks: readonly unknown[],
  onCancel: (reason: unknown) => void = () => {},
): ReadableStream<Uint8Array> {
  const rest = [...chunks];
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (rest.length === 0) controller.close();
      else controller.enqueue(rest.shift() as Uint8Array);
    },
    cancel: onCancel,
  });
}

/** The same as a byte stream, where there are those: WebKitGTK 2.50 has none. */
function byteStreamOf(
  chunks: readonly Uint8Array[],
  onCancel: (reason: unknown) => void = () => {},
): ReadableStream<Uint8Array> {
  const rest = chunks.filter(({ byteLength }) => byteLength > 0);
  try {
    return new ReadableStream({
      type: "bytes",
      pull(controller) {
        const next = rest.shift();
        if (next) return controller.enqueue(next.slice());
        controller.close();
        controller.byobRequest?.respond(0);
      },
      cancel: onCancel,
    });
  } catch {
    return streamOf(chunks, onCancel);
  }
}

const byteLaws = sourceLaws({
  create: (bytes) => streamSource(byteStreamOf([bytes.subarray(0, 5), bytes.subarray(5)]), { size: bytes.byteLength }),
});
test.each(byteLaws.map(({ name, check }) => [name, check] as const))("streamSource of a byte stream %s", (_, check) =>
  check(),
);

const laws = sourceLaws({ create: (bytes) => streamSource(each([bytes]), { size: bytes.byteLength }) });
test.each(laws.map(({ name, check }) => [name, check] as const))("streamSource %s", (_, check) => check());

test("streamSource hands on streams and iterables of every kind, however they are cut", async () => {
  const cut = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(
      cut,
      fc.constantFrom(each, streamOf, byteStreamOf, (chunks: Uint8Array[]) => chunks),
      async (chunks, make) => {
        const size = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
        const received = await new Response(streamSource(make(chunks), { size }).stream()).bytes();
        expect(Array.from(received)).toEqual(chunks.flatMap((chunk) => Array.from(chunk)));
      },
    ),
    { numRuns: 50 },
  );
});

test("streamSource errors when there are fewer bytes than its size", async () => {
  const received = text(streamSource([bytesOf("abc")], { size: 4, name: "a.txt" }).stream());
  await expect(received).rejects.toThrow(SizeMismatchError);
  await expect(received).rejects.toMatchObject({ code: "size-mismatch", retryable: false, expected: 4, received: 3 });
  await expect(received).rejects.toThrow('Cannot use "a.txt": it ended after 3 bytes, and its size was given as 4');
});

test("streamSource never hands on more bytes than its size, and lets go of the stream", async () => {
  let reason: unknown;
  const stream = streamOf([bytesOf("abc"), bytesOf("de"), bytesOf("f")], (why) => {
    reason = why;
  });
  const reader = streamSource(stream, { size: 4 }).stream().getReader();
  expect((await reader.read()).value).toEqual(bytesOf("abc"));
  await expect(reader.read()).rejects.toMatchObject({ expected: 4, received: 5 });
  expect(reason).toBeInstanceOf(SizeMismatchError);
});

test.each([
  ["text", "a string; encode it with a TextEncoderStream"],
  [65, "65"],
  [{ a: 1 }, "an Object"],
  [new ArrayBuffer(2), "an ArrayBuffer"],
])("streamSource errors at a chunk that is %s", async (chunk, received) => {
  const stream = streamSource(streamOf([bytesOf("good"), chunk]), { name: "a" }).stream();
  await expect(text(stream)).rejects.toThrow(`Cannot stream "a": chunk 1 must be a Uint8Array, received ${received}`);
});

test("streamSource copies out of shared memory", async () => {
  const chunk = new Uint8Array(new SharedArrayBuffer(3)).fill(65);
  const { value } = await streamSource([chunk]).stream().getReader().read();
  expect(value?.buffer).toBeInstanceOf(ArrayBuffer);
  expect(value).toEqual(bytesOf("AAA"));
});

test("streamSource is streamed once, and says so", async () => {
  const source = streamSource([bytesOf("abc")], { name: "a.txt" });
  expect(source).toMatchObject({ replayable: false, size: undefined, fingerprint: undefined });
  expect(await text(source.stream())).toBe("abc");
  expect(() => source.stream()).toThrow(TypeError);
  expect(() => source.stream()).toThrow('Cannot stream "a.txt" again: its bytes come once');
});

test("streamSource gives the whole range and no other", async () => {
  const source = streamSource([bytesOf("abc")], { size: 3 });
  expect(() => source.stream({ start: 1 })).toThrow(RangeError);
  expect(() => source.stream({ end: 2 })).toThrow('so "end" must be 3, received 2');
  expect(() => streamSource([]).stream({ end: 2 })).toThrow('so "end" must be left out, received 2');
  expect(await text(source.stream({ start: 0, end: 3 }))).toBe("abc");
});

test("streamSource passes a cancel and an abort on, even while a chunk is awaited", async () => {
  for (const way of ["cancel", "abort"]) {
    const reason = new Error("enough");
    const told = Promise.withResolvers<unknown>();
    const silent = new ReadableStream<Uint8Array>({ cancel: told.resolve });
    const controller = new AbortController();
    const reader = streamSource(silent).stream({ signal: controller.signal }).getReader();
    const pending = reader.read();
    if (way === "cancel") await reader.cancel(reason);
    else controller.abort(reason);
    expect(await told.promise).toBe(reason);
    if (way === "abort") await expect(pending).rejects.toBe(reason);
  }
});

test("streamSource leaves a stream alone that it never began, and lets go of one that it did", async () => {
  const told: unknown[] = [];
  const untouched = streamOf([bytesOf("a")], (reason) => told.push(reason));
  await streamSource(untouched).close();
  expect(await text(untouched)).toBe("a");

  const source = streamSource(streamOf([bytesOf("a"), bytesOf("b")], (reason) => told.push(reason)));
  const reader = source.stream().getReader();
  await reader.read();
  await source.close();
  await expect(reader.read()).rejects.toThrow("the source is closed");
  expect(told).toHaveLength(1);
});

test("streamSource pours no longer than it may, even where the next chunk never comes", async () => {
  const never = async function* () {
    yield bytesOf("a");
    await new Promise(() => {});
  };
  for (const way of ["abort", "abort before", "close"]) {
    const source = streamSource(never());
    const controller = new AbortController();
    const taken: Uint8Array[] = [];
    if (way === "abort before") controller.abort("enough");
    const poured = expect(source.pour?.((chunk) => void taken.push(chunk) as undefined, controller)).rejects;
    const refused = poured.toEqual(way === "close" ? expect.any(TypeError) : "enough");
    await new Promise((resolve) => setTimeout(resolve));
    if (way === "abort") controller.abort("enough");
    if (way === "close") void source.close();
    await refused;
    expect(taken.length).toBeLessThanOrEqual(1);
  }
});

test("streamSource lends the chunks of a byte stream alone, and lets go of it at an end of any kind", async () => {
  const pourAll = async (stream: ReadableStream<Uint8Array>, lend: boolean) => {
    const taken: [string, boolean][] = [];
    const take = (chunk: Uint8Array, lent = false) =>
      void taken.push([new TextDecoder().decode(chunk), lent]) as undefined;
    await streamSource(stream).pour?.(take, { lend });
    return taken;
  };
  const chunks = [bytesOf("abc"), bytesOf("de")];
  const plain = chunks.map((chunk) => [new TextDecoder().decode(chunk), false]);
  expect(await pourAll(streamOf(chunks), true)).toEqual(plain);
  expect(await pourAll(byteStreamOf(chunks), false)).toEqual(plain);
  const lent = await pourAll(byteStreamOf(chunks), true);
  expect(lent.map(([part]) => part).join("")).toBe("abcde");
  expect(new Set(lent.map(([, each]) => each)).size).toBe(1);

  for (const way of ["abort", "close", "refuse"]) {
    const told: unknown[] = [];
    const source = streamSource(byteStreamOf([bytesOf("a"), bytesOf("b")], (reason) => told.push(reason)));
    const controller = new AbortController();
    const poured = source.pour?.(
      () => {
        if (way === "refuse") throw new Error("full");
        return new Promise<void>(() => {});
      },
      { signal: controller.signal, lend: true },
    );
    const refused = expect(poured).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve));
    if (way === "close") await source.close();
    if (way === "abort") controller.abort(new Error("enough"));
    await refused;
    expect(told).toHaveLength(1);
  }
});

test("streamSource asks for no chunk more once it was aborted while one was being taken", async () => {
  let asked = 0;
  const chunks = {
    [Symbol.asyncIterator]: () => ({
      async next() {
        asked += 1;
        return { done: false, value: bytesOf("ab") };
      },
    }),
  };
  const { promise: taken, resolve: takenUp } = Promise.withResolvers<void>();
  const controller = new AbortController();
  const poured = expect(streamSource(chunks).pour?.(() => taken, controller)).rejects.toBe("enough");
  await Promise.resolve().then(() => {});
  controller.abort("enough");
  takenUp();
  await poured;
  await new Promise((resolve) => setTimeout(resolve));
  expect(asked).toBe(1);
});

test("streamSource pours a stream that fails, or has other bytes than it was said to have, no further", async () => {
  const told: unknown[] = [];
  const long = streamSource(
    streamOf([bytesOf("ab"), bytesOf("cd"), bytesOf("ef")], (reason) => told.push(reason)),
    { size: 3 },
  );
  const taken: Uint8Array[] = [];
  const take = (chunk: Uint8Array) => void taken.push(chunk) as undefined;
  await expect(long.pour?.(take)).rejects.toThrow(SizeMismatchError);
  expect(taken).toEqual([bytesOf("ab")]);
  expect(told).toEqual([expect.any(SizeMismatchError)]);
  await expect(streamSource([bytesOf("ab")], { size: 3 }).pour?.(take)).rejects.toThrow(SizeMismatchError);
  const broken = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error("broken")) });
  await expect(streamSource(broken).pour?.(take)).rejects.toThrow("broken");
  await expect(streamSource(["text" as never]).pour?.(take)).rejects.toThrow("chunk 0 must be a Uint8Array");
});

test("streamSource does not fail to close because the stream failed", async () => {
  const broken = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error("broken")) });
  const source = streamSource(broken);
  await expect(text(source.stream())).rejects.toThrow("broken");
  await source.close();
});

test.each([
  ["talk.mp4", 'received a string: for a path or a URL, use toSource or file of "@sluice/source/node"'],
  [new Uint8Array(3), "received an Uint8Array"],
  [null, "received null"],
  [{}, "received an Object"],
])("streamSource refuses %j", (given, message) => {
  expect(() => streamSource(given as unknown as Uint8Array[])).toThrow(TypeError);
  expect(() => streamSource(given as unknown as Uint8Array[])).toThrow(message);
});

test("streamSource refuses a locked stream and sizes that are none", () => {
  const locked = streamOf([]);
  locked.getReader();
  expect(() => streamSource(locked)).toThrow("it is locked");
  expect(() => streamSource([], { size: -1 })).toThrow(RangeError);
  expect(() => streamSource([], { size: 1.5 })).toThrow('"size" must be an integer ≥ 0, received 1.5');
  expect(() => streamSource([], { size: "3" as unknown as number })).toThrow(TypeError);
});
