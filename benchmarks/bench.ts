import { bundles, installs } from "./budgets.ts";
import { bundleSizes } from "./checks/bundle-sizes.ts";
import type { Finding } from "./checks/finding.ts";
import { installSizes } from "./checks/install-sizes.ts";
import { runBenchmarks } from "./harness/run-benchmarks.ts";
import { recordGroup } from "./reporting/recorded.ts";
import { renderReport } from "./reporting/render-report.ts";

const report = new URL("report/", import.meta.url);
let sizes: readonly Finding[] | undefined;

process.exitCode = await runBenchmarks(
  process.argv.slice(2),
  new URL("groups/", import.meta.url),
  { out: (line) => console.log(line), err: (line) => console.error(line) },
  async (group) => {
    sizes ??= [...(await bundleSizes(bundles)), ...installSizes(installs)];
    renderReport(report, recordGroup(new URL("results.json", report), group, sizes));
  },
);
