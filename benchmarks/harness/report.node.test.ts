import { describe, expect, test } from "vitest";
import { boundByServer, formatTable } from "./report.ts";
import type { CaseResult, Run } from "./run-case.ts";
import { MiB } from "./size.ts";

const run = (more: Partial<Run> = {}): Run => ({
  wall: 100,
  cpu: 50,
  outcome: { bytes: 25_000_000 },
  startRss: 60 * MiB,
  peakRss: 64 * MiB,
  trace: [],
  ...more,
});

const result = (mode: CaseResult["mode"], runs: readonly Run[]): CaseResult => ({
  group: "group",
  case: "title",
  mode,
  bytes: 25 * MiB,
  subject: { name: "ours", runs },
});

const served = (cpu: number): Run => run({ server: { cpu, bytes: 1, requests: 1 } });

describe("boundByServer", () => {
  test.for([
    [[49, 51, 52], true],
    [[49, 49, 99], false],
    [[], false],
  ] as const)("server times of %j beside a client's 50 each: %s", ([times, bound]) => {
    expect(boundByServer({ name: "ours", runs: times.map(served) })).toBe(bound);
  });

  test("is false without a server", () => {
    expect(boundByServer({ name: "ours", runs: [run()] })).toBe(false);
  });
});

describe("formatTable", () => {
  const row = (table: string) => table.split("\n")[1];

  test("takes the median rate, the highest peak and the median growth", () => {
    const runs = [run(), run({ wall: 50, peakRss: 70 * MiB }), run({ wall: 200 })];
    expect(row(formatTable([result("process", runs)]))).toMatch(
      /^title \(25 MiB\) +ours +250 MB\/s +70\.0 MiB +4\.0 MiB +50 ms +–$/,
    );
  });

  test("says nothing of memory that two contenders share", () => {
    expect(row(formatTable([result("in-process", [run()])]))).toMatch(/ 250 MB\/s +– +– +50 ms/);
  });

  test("counts operations where a case has them, and marks what the server bounds", () => {
    const runs = [{ ...served(60), outcome: { bytes: 1, operations: 300 } }];
    expect(row(formatTable([result("process", runs)]))).toMatch(/ 3,000 op\/s .* 60 ms +bound by server$/);
  });
});
