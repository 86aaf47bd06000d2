import { describe, expect, test } from "vitest";
import { Ballast } from "./ballast.ts";

const KIB = 1_024;

/** What is made up for output in pieces of 128 KiB, each brought by so much input. */
function made(inputs: readonly number[]): number {
  const ballast = new Ballast();
  const piece = new Uint8Array(128 * KIB);
  let consumed = 0;
  let sum = 0;
  for (const input of inputs) {
    consumed += input;
    sum += ballast.add(piece, consumed);
  }
  return sum;
}

describe("Ballast", () => {
  test("gives a bomb's output half of its size, less what a piece weighs by itself", () => {
    expect(made(Array(80).fill(128))).toBe(80 * (64 - 4) * KIB);
  });

  test("gives nothing to what expands as files do", () => {
    expect(made(Array(80).fill(128 * KIB))).toBe(0);
    expect(made(Array(80).fill(8 * KIB))).toBe(0);
  });

  test("looks beyond a run of one byte in a file", () => {
    const run = [64 * KIB, 128, 128, 128, 128, 128, 128, 128];
    expect(made(Array(20).fill(run).flat())).toBe(0);
  });

  test("sees a bomb behind a file", () => {
    const file = Array(80).fill(64 * KIB);
    const bomb = Array(80).fill(128);
    expect(made([...file, ...bomb])).toBeGreaterThan(40 * (64 - 4) * KIB);
  });
});
