import { expect, test } from "vitest";
import { blobSource } from "./blob-source.ts";
import { readAll } from "./read-all.test.support.ts";
import { sourceLaws } from "./source-laws.ts";

const laws = sourceLaws({ create: (bytes) => blobSource(new Blob([bytes])) });
test.each(laws.map(({ name, check }) => [name, check] as const))("blobSource %s", (_, check) => check());

test("blobSource takes name and type of a File, unless told otherwise", () => {
  const given = new File(["abc"], "a.png", { type: "image/png", lastModified: 1234 });
  expect(blobSource(given)).toMatchObject({ size: 3, name: "a.png", type: "image/png", fingerprint: "3-1234" });
  expect(blobSource(given, { name: "b", type: "c/d" })).toMatchObject({ name: "b", type: "c/d" });
  expect(blobSource(given, { type: "c/d" }).blob?.(0, 1).type).toBe("c/d");
});

test("blobSource of a plain Blob has no name and no fingerprint", () => {
  expect(blobSource(new Blob(["abc"]))).toMatchObject({ name: undefined, type: undefined, fingerprint: undefined });
});

test("blobSource takes a Blob of 0 bytes", async () => {
  const source = blobSource(new Blob([]));
  expect(source.size).toBe(0);
  expect(await new Response(source.stream()).bytes()).toHaveLength(0);
});

test("blobSource streams 1 MiB at a time, whatever the Blob is made of", async () => {
  const reader = blobSource(new Blob([new Uint8Array(2_500_000)]))
    .stream()
    .getReader();
  const sizes: number[] = [];
  for (let next = await reader.read(); !next.done; next = await reader.read()) sizes.push(next.value.byteLength);
  expect(sizes).toEqual([1 << 20, 1 << 20, 2_500_000 - (2 << 20)]);
});

test.each([["talk.mp4"], [undefined], [new Uint8Array(2)]])("blobSource refuses %j", (given) => {
  expect(() => blobSource(given as unknown as Blob)).toThrow(TypeError);
  expect(() => blobSource(given as unknown as Blob)).toThrow('"blob" must be a Blob or a File');
});

test("blobSource notices a Blob that is shorter than it said", async () => {
  const liar = new Blob(["abc"]);
  Object.defineProperty(liar, "size", { value: 5 });
  await expect(readAll(blobSource(liar).stream())).rejects.toMatchObject({ code: "source-changed" });
  await expect(blobSource(liar).read?.(new Uint8Array(5), 0)).rejects.toThrow("it ended after 3 of 5 bytes");
});
