import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { type GroupResults, runBenchmarks } from "./run-benchmarks.ts";
import { pairwiseRatio } from "./statistics.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const groups = new URL("testdata/groups/", import.meta.url);

async function bench(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return benchIn(groups, ...args);
}

async function benchIn(folder: URL, ...args: string[]): ReturnType<typeof bench> {
  const lines = { out: [] as string[], err: [] as string[] };
  const code = await runBenchmarks(args, folder, {
    out: (line) => lines.out.push(line),
    err: (line) => lines.err.push(line),
  });
  return { code, out: lines.out.join("\n"), err: lines.err.join("\n") };
}

describe("runBenchmarks", () => {
  afterEach(() => {
    delete process.env.TMPDIR;
  });

  test.for([
    [["nosuch"], 'bench: there is no group "nosuch"; groups: bars, broken, sound'],
    [["--nosuch"], "bench: Unknown option '--nosuch'"],
    [["--size", "4GB"], 'bench: a size is a number with B, KiB, MiB or GiB, such as 4GiB; received "4GB"; groups:'],
  ] as const)("answers %j with one line and code 2", async ([args, message]) => {
    const { code, out, err } = await bench(...args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(message);
    expect(err).not.toContain("\n");
  });

  test("exits with code 2 as a command", () => {
    const command = fileURLToPath(new URL("../bench.ts", import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, "nosuch"], {
      encoding: "utf8",
      // Node warns on stderr where a caller's NO_COLOR meets a task runner's FORCE_COLOR.
      env: { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined },
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^bench: there is no group "nosuch"; groups: .*harness.*\n$/);
  });

  test("lists without running", async () => {
    expect(await bench("sound", "--list")).toEqual({
      code: 0,
      out: "sound: cases that work\n  shared\n  apart",
      err: "",
    });
  });

  test("fails groups that cannot be loaded", async () => {
    const { code, err } = await benchIn(new URL("testdata/unloadable/", import.meta.url));
    expect(code).toBe(1);
    expect(err).toMatch(/FAILED no-group: .*no-group.bench.ts must export "group", a Group/);
    expect(err).toContain('FAILED same-name: two cases are named "twin"');
  });

  test("fails every case that cheats or breaks, and runs the others", { timeout: 60_000 }, async () => {
    using temporary = temporaryFolder();
    process.env.TMPDIR = temporary.path;
    const { code, out, err } = await bench("broken", "--quick");
    const failures = err.split("\n").filter((line) => line.startsWith("FAILED"));
    expect(code).toBe(1);
    for (const [name, message] of [
      ["bytes differ", 'contenders disagree on bytes: "subject" reported 8, "peer" 7'],
      ["bytes differ between processes", "contenders disagree on bytes"],
      ["digests differ", 'contenders disagree on digest: "subject" reported a, "peer" b'],
      ["no work", '"subject" did no work: it reported {"bytes":0}'],
      ["server not used", '"subject" reported 8 bytes, but the server received 0'],
      ["file not asked for", 'context.file is there only for a case with "file: true"'],
      ["throws", "out of luck"],
      ["dies", "process ended without an answer (exit code 3)"],
      ["teardown throws", "left a mess"],
    ]) {
      expect(failures.find((line) => line.startsWith(`FAILED broken: ${name}: `))).toContain(message);
    }
    expect(failures).toHaveLength(9);
    expect(err).toContain("bench: 9 failed, 1 finished");
    expect(out).toMatch(/^works \(1 B\)/m);
    expect(readdirSync(temporary.path)).toEqual([]);
  });

  test("runs a case at each of its sizes, and fails when a bar is not held", { timeout: 60_000 }, async () => {
    const { code, out, err } = await bench("bars", "--quick", "--size", "150MiB");
    expect(code).toBe(1);
    // Whether a case that fills memory is fast enough for one size more depends on the machine.
    const grown =
      /^FAILED bars: hoards: bars: hoards grows by (?:9|1\d)\d\S* MiB from 1 MiB to (?:96|150) MiB, 32 MiB allowed$/;
    expect(err.split("\n").filter((line) => line.startsWith("FAILED"))).toEqual([expect.stringMatching(grown)]);
    expect(out).toMatch(/^idle \(1 MiB\).*\n+idle \(96 MiB\).*\n+idle \(150 MiB\)/m);
    expect(out).toMatch(/^held: bars: idle grows by .* from 1 MiB to 150 MiB, 32 MiB allowed$/m);
  });

  test("says which size it leaves out", { timeout: 60_000 }, async () => {
    const { err } = await bench("bars", "--quick", "--size", "1GiB");
    expect(err).toContain("not at 1 GiB: more than 200 MiB is refused");
  });

  test("runs the cases that are asked for, and says so when there are none", { timeout: 60_000 }, async () => {
    const { code, out } = await bench("sound", "bars", "--list", "--only", "apart");
    expect([code, out.trim().split("\n").slice(1)]).toEqual([0, ["  apart"]]);
    const none = await bench("sound", "--only", "nothing");
    expect([none.code, none.err]).toEqual([2, 'bench: there is no case with "nothing" in its name']);
    expect((await bench("sound", "--only", "apart", "--report")).code).toBe(2);
  });

  test("reports and writes what it measured", { timeout: 60_000 }, async () => {
    using folder = temporaryFolder();
    const json = join(folder.path, "results.json");
    const { code, out } = await bench("sound", "--size", "2MiB", "--json", json);
    expect(code).toBe(0);
    expect(out).toContain(process.version);
    expect(out).toMatch(/^shared \(1000 B\) +A .* MB\/s .*\[.*–.*\].*a note$/m);
    expect(out).toMatch(/^apart \(2 MiB\) +fetch .* op\/s/m);
    const { groups: written } = JSON.parse(readFileSync(json, "utf8")) as { groups: GroupResults[] };
    const results = written[0]?.results ?? [];
    expect(results.map(({ subject, peer }) => [subject.runs.length, peer?.runs.length])).toEqual([
      [3, 3],
      [2, undefined],
    ]);
    const [shared, apart] = results;
    expect(new Set(shared?.subject.runs.map(({ outcome }) => outcome.digest)).size).toBe(1);
    for (const [ratio, field] of [
      ["time", "wall"],
      ["cpu", "cpu"],
    ] as const) {
      const values = [shared?.subject, shared?.peer].map((side) => side?.runs.map((run) => run[field]) ?? []);
      expect(shared?.[ratio]).toEqual(pairwiseRatio(values[0] ?? [], values[1] ?? []));
    }
    const run = apart?.subject.runs[0];
    expect(run?.server).toMatchObject({ bytes: 2 * 1024 * 1024, requests: 1 });
    expect(run?.server?.cpu).toBeGreaterThan(0);
    expect(run?.cpu).toBeGreaterThan(0);
    expect(run?.peakRss).toBeGreaterThanOrEqual(run?.startRss ?? Infinity);
    expect(run?.youngGeneration).toBeGreaterThan(0);
    expect(run?.youngGeneration).toBeLessThan(run?.peakRss ?? 0);
  });
});
