import { describe, expect, test } from "vitest";
import { staleCells, withOutcomes } from "./readme-table.ts";
import type { Outcome } from "./run-on-runtime.ts";
import type { Runtime } from "./runtime.ts";

const EMPTY = "# It\n\n<!-- runtimes -->\n<!-- /runtimes -->\n\nthe end\n";
const NAMES = ["http", "cli"];
const TITLES = ["Node 24", "Node 24, polyfilled streams", "Firefox"];

function outcome(title: string, version: string, counts: Record<string, readonly [number, number]>): Outcome {
  const verdicts = Object.entries(counts).map(([name, [passed, gaps]]) => ({
    package: name,
    passed,
    gaps,
    failures: [],
  }));
  return { runtime: { title } as Runtime, version, verdicts };
}

describe("withOutcomes", () => {
  test("writes a row for each package and a column for each runtime", () => {
    const outcomes = [
      outcome("Firefox", "153.7.0", { http: [148, 2] }),
      outcome("Node 24", "24.21.0", { http: [150, 0], cli: [66, 0] }),
    ];
    const written = withOutcomes(EMPTY, outcomes, TITLES, NAMES);
    expect(written).toContain("|  | Node 24 24.21 | Firefox 153.7 |\n| --- | --: | --: |\n| `cli` | 66 |  |\n");
    expect(written).toContain("| `http` | 150 | 148, 2 not |\n<!-- /runtimes -->\n\nthe end\n");
    expect(withOutcomes(written, outcomes, TITLES, NAMES)).toBe(written);
  });

  test("keeps what was not run", () => {
    const first = withOutcomes(
      EMPTY,
      [outcome("Node 24, polyfilled streams", "24.21.0", { http: [9, 1] })],
      TITLES,
      NAMES,
    );
    const missing: Outcome = { runtime: { title: "Firefox" } as Runtime, missing: "it is not installed" };
    const second = withOutcomes(first, [missing, outcome("Node 24", "24.22.0", { http: [10, 0] })], TITLES, NAMES);
    expect(second).toContain("| Node 24 24.22 | Node 24, polyfilled streams 24.21 |");
    expect(second).toContain("| `http` | 10 | 9, 1 not |");
    const third = withOutcomes(second, [outcome("Node 24", "24.22.0", { cli: [66, 0] })], TITLES, NAMES);
    expect(third).toContain("| `cli` | 66 |  |\n| `http` | 10 | 9, 1 not |");
    expect(withOutcomes(third, [], TITLES, ["cli"])).not.toContain("http");
  });
});

describe("staleCells", () => {
  const readme = withOutcomes(EMPTY, [outcome("Firefox", "153.7.0", { http: [148, 2] })], TITLES, NAMES);

  test("does not mind another count of passes, or another version", () => {
    expect(staleCells(readme, [outcome("Firefox", "154.0", { http: [160, 2] })])).toEqual([]);
  });

  test.each([
    ["a gap more", { http: [148, 3] }],
    ["no gap", { http: [150, 0] }],
    ["a new package", { http: [148, 2], tus: [1, 0] }],
  ] as const)("finds %s", (_, counts) => {
    expect(staleCells(readme, [outcome("Firefox", "153.7.0", counts)])).toHaveLength(1);
  });

  test("says what a README lacks", () => {
    expect(() => staleCells("# It", [])).toThrow("README.md has no <!-- runtimes -->");
  });
});
