import { formatVerdict, judge } from "../harness/judge.ts";
import { loadGroup } from "../harness/load-group.ts";
import { runSizes } from "../harness/run-sizes.ts";
import { formatSize, MiB } from "../harness/size.ts";
import { temporaryFolder } from "../harness/temporary-folder.ts";
import { atMost, type Finding } from "./finding.ts";
import { untilHeld } from "./until-held.ts";

/**
 * What V8 lets gather in one run and not in the next, above the bars, which are for a quiet machine, large files and two
 * rounds. Stages and replayable uploads grew by 4.6 MiB of 8 at most, streams that come once by 22.5 of 16.
 */
const SLACK = 8 * MiB;
/** Wide enough that what keeps a thirtieth of its data is seen behind the slack. */
const SPAN = 3;
const MODULE = new URL("../groups/memory.bench.ts", import.meta.url).href;

/** Every case of the group `memory` at the smaller of its `--quick` sizes and at three times that: whether it grows. */
export async function* memoryGrowth(): AsyncGenerator<Finding> {
  using cache = temporaryFolder();
  const { cases } = await loadGroup(MODULE);
  for (const definition of cases) {
    const [smallest = 256 * MiB] = definition.quickSizes ?? [];
    yield* await untilHeld(async () => {
      const runs = runSizes(
        { ...definition, sizes: [smallest, SPAN * smallest], rounds: 1 },
        { group: "memory", module: MODULE, cache: cache.path },
        { quick: false, size: undefined },
        () => {},
      );
      // The other bars are close to what a runtime takes by itself, and belong to a quiet machine.
      const verdicts = judge(await Array.fromAsync(runs)).filter(({ bar }) => bar === "growth");
      return verdicts.map((verdict) => {
        const what = formatVerdict(verdict).replace(/, [^,]+ allowed$/, "");
        const rest = Math.max(0, verdict.measured - (verdict.young ?? 0));
        return atMost(what, rest, verdict.limit + SLACK, formatSize);
      });
    });
  }
}
