import { formatVerdict, judge } from "../harness/judge.ts";
import { loadGroup } from "../harness/load-group.ts";
import { runSizes } from "../harness/run-sizes.ts";
import { formatSize, MiB } from "../harness/size.ts";
import { temporaryFolder } from "../harness/temporary-folder.ts";
import type { Finding } from "./finding.ts";
import { untilHeld } from "./until-held.ts";

/**
 * What V8 lets gather in one run and not in the next. It is above the bars, which a quiet machine and large files are for:
 * what grows with its data takes a tenth of a GiB more here.
 */
const SLACK = 24 * MiB;
const MODULE = new URL("../groups/memory.bench.ts", import.meta.url).href;

/** Every case of the group `memory` at its `--quick` sizes: whether it grows with them. */
export async function* memoryGrowth(): AsyncGenerator<Finding> {
  using cache = temporaryFolder();
  const { cases } = await loadGroup(MODULE);
  for (const definition of cases) {
    if (definition.unchecked !== undefined) {
      console.log(`  not judged: ${definition.name}, since ${definition.unchecked}`);
      continue;
    }
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
        allowed: formatSize(verdict.limit + SLACK),
        held: verdict.measured <= verdict.limit + SLACK,
      }));
    });
  }
}
