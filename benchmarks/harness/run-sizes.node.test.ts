import { describe, expect, test } from "vitest";
import type { Case } from "./case.ts";
import { loadGroup } from "./load-group.ts";
import { runSizes } from "./run-sizes.ts";
import { MiB } from "./size.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const module = new URL("testdata/groups/bars.bench.ts", import.meta.url).href;

/** The sizes that a case of the group `bars` ran at, and how often. */
async function rounds(name: string, more: Partial<Case>, quick = false): Promise<[size: number, runs: number][]> {
  using cache = temporaryFolder();
  const [definition] = (await loadGroup(module, name)).cases as [Case];
  const origin = { group: "bars", module, cache: cache.path };
  const results = runSizes({ ...definition, ...more }, origin, { quick, size: undefined }, () => {});
  return (await Array.fromAsync(results)).map(({ bytes, subject }) => [bytes / MiB, subject.runs.length]);
}

describe("runSizes", { timeout: 60_000 }, () => {
  test("runs another round where the first was not clear, and only there", async () => {
    expect(await rounds("hoards", { rounds: 2 })).toEqual([
      [2, 2],
      [128, 2],
    ]);
    expect(await rounds("idle", { rounds: 2, bars: { growth: 64 * MiB } })).toEqual([
      [2, 1],
      [128, 1],
    ]);
  });

  test("takes a bar of another kind that is not held for unclear, too", async () => {
    expect(await rounds("idle", { rounds: 3, bars: { growth: 64 * MiB, peak: MiB } })).toEqual([
      [2, 3],
      [128, 3],
    ]);
  });

  test("is content with one round under --quick", async () => {
    expect(await rounds("hoards", { rounds: 2 }, true)).toEqual([
      [1, 1],
      [96, 1],
    ]);
  });
});
