// `npm run bench:check`: what is deterministic or robust enough to fail a build. Names parts to run only those.
import { bundles, installs } from "./budgets.ts";
import { bundleSizes } from "./checks/bundle-sizes.ts";
import { copies } from "./checks/copies.ts";
import type { Finding } from "./checks/finding.ts";
import { installSizes } from "./checks/install-sizes.ts";
import { memoryGrowth } from "./checks/memory-growth.ts";
import { speedRatios } from "./checks/speed-ratios.ts";
import { readRecorded } from "./reporting/recorded.ts";

const recorded = new URL("report/results.json", import.meta.url);
const parts: Readonly<Record<string, () => AsyncIterable<Finding> | Iterable<Finding> | Promise<Iterable<Finding>>>> = {
  bundles: () => bundleSizes(bundles),
  installs: () => installSizes(installs),
  copies,
  memory: memoryGrowth,
  speed: () => speedRatios(readRecorded(recorded)),
};

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !Object.hasOwn(parts, name));
if (unknown !== undefined) {
  console.error(`bench:check: there is no part ${JSON.stringify(unknown)}; parts: ${Object.keys(parts).join(", ")}`);
  process.exit(2);
}

let passed = 0;
const failed: Finding[] = [];
for (const [name, run] of Object.entries(parts)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const start = performance.now();
  console.log(`\n${name}`);
  try {
    for await (const finding of await run()) report(finding);
  } catch (error) {
    report({ what: `${name}: ${(error as Error).message}`, measured: "no result", allowed: "one", held: false });
  }
  console.log(`  ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
for (const { what, measured, allowed } of failed) console.error(`FAILED ${what}: ${measured}, allowed: ${allowed}`);
console.log(`\n${passed} passed, ${failed.length} failed`);
process.exitCode = failed.length > 0 ? 1 : 0;

function report(finding: Finding): void {
  const { what, measured, allowed, held } = finding;
  if (held) passed += 1;
  else failed.push(finding);
  console.log(`  ${held ? "ok    " : "FAILED"} ${what}: ${measured} of ${allowed}`);
}
