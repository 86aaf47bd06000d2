import { expect, test } from "vitest";
import { countCopies } from "./count-copies.ts";

const source = new Uint8Array(100);

test.for([
  ["set", () => new Uint8Array(200).set(source, 7), 100],
  ["slice of an array", () => source.slice(10, -10), 80],
  ["slice of a buffer", () => source.buffer.slice(10), 90],
  ["copyWithin", () => new Uint8Array(50).copyWithin(0, 40), 10],
  ["an array made from another", () => new Uint8Array(source), 100],
  ["Buffer.from an array", () => Buffer.from(source), 100],
  ["Buffer.concat", () => Buffer.concat([source, source]), 200],
  ["Buffer.copy", () => Buffer.alloc(4).copy(Buffer.alloc(50), 0, 1), 3],
  ["nothing for views", () => [source.subarray(1), new Uint8Array(source.buffer), Buffer.from(source.buffer)], 0],
  ["nothing for fresh memory", () => new Uint8Array(1000), 0],
] as const)("countCopies counts %s", async ([, work, expected]) => {
  expect(await countCopies(async () => work())).toBe(expected);
});

test("countCopies leaves everything as it was, after an error too", async () => {
  const { Uint8Array: original } = globalThis;
  const methods = [Uint8Array.prototype.set, Uint8Array.prototype.slice, Buffer.from, Buffer.prototype.slice];
  await expect(countCopies(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(globalThis.Uint8Array).toBe(original);
  expect([Uint8Array.prototype.set, Uint8Array.prototype.slice, Buffer.from, Buffer.prototype.slice]).toEqual(methods);
  expect(new Uint8Array(1)).toBeInstanceOf(original);
});
