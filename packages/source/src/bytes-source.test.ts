import { expect, test } from "vitest";
import { bytesSource } from "./bytes-source.ts";
import { readAll } from "./read-all.test.support.ts";
import { SourceChangedError } from "./source-changed-error.ts";
import { sourceLaws } from "./source-laws.ts";

const laws = sourceLaws({ create: (bytes) => bytesSource(bytes) });
test.each(laws.map(({ name, check }) => [name, check] as const))("bytesSource %s", (_, check) => check());

const shared = sourceLaws({
  create(bytes) {
    const view = new Uint8Array(new SharedArrayBuffer(bytes.byteLength + 3), 2, bytes.byteLength);
    view.set(bytes);
    return bytesSource(view);
  },
});
test.each(shared.map(({ name, check }) => [name, check] as const))("bytesSource of shared memory %s", (_, check) =>
  check(),
);

test("bytesSource takes every view, and what it covers alone", async () => {
  const buffer = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7]).buffer;
  for (const given of [new DataView(buffer, 2, 4), new Uint16Array(buffer, 2, 2), new Uint8Array(buffer, 2, 4)]) {
    expect(await new Response(bytesSource(given).stream()).bytes()).toEqual(Uint8Array.of(2, 3, 4, 5));
  }
  expect(bytesSource(buffer).size).toBe(8);
});

test("bytesSource gives chunks of 256 KiB", async () => {
  const reader = bytesSource(new Uint8Array(600 * 1024))
    .stream()
    .getReader();
  const sizes: number[] = [];
  for (let next = await reader.read(); !next.done; next = await reader.read()) sizes.push(next.value.byteLength);
  expect(sizes).toEqual([256 * 1024, 256 * 1024, 88 * 1024]);
});

test("bytesSource notices that its bytes were transferred away", async () => {
  const bytes = new Uint8Array(10);
  const source = bytesSource(bytes);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  await expect(readAll(source.stream())).rejects.toThrow(SourceChangedError);
});

test("bytesSource says what it was told, guesses nothing, and has no fingerprint", () => {
  const source = bytesSource(new Uint8Array(1), { name: "a.mp3", type: "audio/mpeg" });
  expect(source).toMatchObject({ name: "a.mp3", type: "audio/mpeg", replayable: true, fingerprint: undefined });
  expect(bytesSource(new Uint8Array(1), { name: "a.mp3" }).type).toBeUndefined();
});

test.each([
  ["/etc/passwd", 'received a string: encode it, or use toSource or file of "@sluice/source/node"'],
  [null, "received null"],
  [[1, 2], "received an Array"],
  [7, "received 7"],
])("bytesSource refuses %j", (given, message) => {
  expect(() => bytesSource(given as unknown as Uint8Array)).toThrow(TypeError);
  expect(() => bytesSource(given as unknown as Uint8Array)).toThrow(message);
});

test("bytesSource refuses names and types that are no text", () => {
  expect(() => bytesSource(new Uint8Array(1), { name: 5 as unknown as string })).toThrow('"name" must be a string');
  expect(() => bytesSource(new Uint8Array(1), null as unknown as object)).toThrow("the options must be an object");
});
