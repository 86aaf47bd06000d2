import { formatVerdict, judge } from "../harness/judge.ts";
import { loadGroup } from "../harness/load-group.ts";
import { runSizes } from "../harness/run-sizes.ts";
import { formatSize } from "../harness/size.ts";
import { temporaryFolder } from "../harness/temporary-folder.ts";
import type { Finding } from "./finding.ts";
import { untilHeld } from "./until-held.ts";

const MODULE = new URL("../groups/memory.bench.ts", import.meta.url).href;

/** Every case of the group `memory` at its `--quick` sizes: whether it grows with them. */
export async function* memoryGrowth(): AsyncGenerator<Finding> {
  using cache = temporaryFolder();
  const { cases } = await loadGroup(MODULE);
  for (const definition of cases) {
    yield* await untilHeld(async () => {
      const runs = runSizes(
        { ...definition, rounds: 1 },
        { group: "memory", module: MODULE, cache: cache.path },
        { quick: true, size: undefined },
        () => {},
      );
      // The other bars are close to what a runtime takes by itself, and belong to a quiet machine.
      const verdicts = judge(await Array.fromAsync(runs)).filter(({ bar }) => bar === "growth");
      return verdicts.map((verdict) => ({
        what: formatVerdict(verdict).replace(/, [^,]+ allowed$/, ""),
        measured: formatSize(Math.max(0, verdict.measured)),
        allowed: formatSize(verdict.limit),
        held: verdict.held,
      }));
    });
  }
}
