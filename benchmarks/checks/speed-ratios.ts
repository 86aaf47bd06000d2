import { readdirSync } from "node:fs";
import { loadGroup } from "../harness/load-group.ts";
import { runCase } from "../harness/run-case.ts";
import { temporaryFolder } from "../harness/temporary-folder.ts";
import type { Recorded } from "../reporting/recorded.ts";
import type { Finding } from "./finding.ts";
import { untilHeld } from "./until-held.ts";

const GROUPS = new URL("../groups/", import.meta.url);
/** Half the speed beside the same peer is no noise. */
const MARGIN = 2;

/**
 * The ratios of guarded cases beside those that were recorded. Time and CPU must both be beyond the margin: another
 * machine, or a busy one, moves one of them.
 *
 * @param recorded What the report was made of.
 */
export async function* speedRatios({ groups }: Recorded): AsyncGenerator<Finding> {
  using cache = temporaryFolder();
  const names = readdirSync(GROUPS).filter((name) => name.endsWith(".bench.ts"));
  for (const name of names.sort()) {
    const module = new URL(name, GROUPS).href;
    const group = name.slice(0, -".bench.ts".length);
    for (const definition of (await loadGroup(module)).cases.filter(({ guarded }) => guarded)) {
      const what = `${group}: ${definition.name}`;
      const known = groups[group]?.results.find((result) => result.case === definition.name);
      if (!known?.time || !known.cpu) {
        yield { what, measured: "–", allowed: "a recorded ratio; run npm run bench -- --report", held: false };
        continue;
      }
      const { time, cpu } = known;
      yield* await untilHeld(async () => {
        const bytes = definition.quickBytes ?? Math.ceil(definition.bytes / 8);
        const now = await runCase(
          { ...definition, warmup: 1, rounds: 3 },
          { group, module, cache: cache.path },
          { quick: false },
          bytes,
        );
        const worse = Math.min((now.time?.median ?? 0) / time.median, (now.cpu?.median ?? 0) / cpu.median);
        return [
          {
            what,
            measured: `${worse.toFixed(2)} × the recorded ratio (time ${now.time?.median.toFixed(2)}, recorded ${time.median.toFixed(2)})`,
            allowed: `${MARGIN} ×`,
            held: worse <= MARGIN,
          },
        ];
      });
    }
  }
}
