// Runs the portable suites of every package on every runtime, against the packages as users install them:
//   npm run test:runtimes                     all that can be had here, and what is not a runtime: bundles, types
//   npm run test:runtimes -- node22 bundles   these alone
//   npm run test:runtimes -- --package=http   of these packages alone
//   npm run test:runtimes -- --write          and writes the table of the README, if nothing failed
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { checkBundles } from "./check-bundles.ts";
import { checkTypes } from "./check-types.ts";
import { NotHere } from "./not-here.ts";
import { packedProject, readManifests } from "./packed-packages.ts";
import { staleCells, withOutcomes } from "./readme-table.ts";
import { type Outcome, runOnRuntime } from "./run-on-runtime.ts";
import { RUNTIMES } from "./runtimes.ts";
import { startEmulatorHost } from "./start-emulator-host.ts";
import { importedBeside, largeUploads, portableSuites } from "./suites.ts";
import { translateSuites } from "./translate-suites.ts";

const CHECKS = { bundles: checkBundles, types: checkTypes };
const root = join(import.meta.dirname, "../..");

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { write: { type: "boolean" }, package: { type: "string", multiple: true } },
});
const names = [...RUNTIMES.map(({ name }) => name), ...Object.keys(CHECKS)];
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(", ")}. There are ${names.join(", ")}.`);
  process.exit(2);
}
const isPicked = (name: string): boolean => positionals.length === 0 || positionals.includes(name);

const manifests = readManifests(root);
const suites = [...portableSuites(root), ...largeUploads()];
const project = await packedProject(root, manifests, importedBeside(root, suites, manifests));
await translateSuites(root, project, manifests, suites);
const wanted = suites.filter((suite) => values.package?.includes(suite.package) ?? true);
const packages = Map.groupBy(wanted, (suite) => suite.package);

const total = { passed: 0, failed: 0, skipped: 0 };
const outcomes: Outcome[] = [];
{
  await using host = await startEmulatorHost(project);
  for (const runtime of RUNTIMES.filter(({ name }) => isPicked(name))) {
    const outcome = await runOnRuntime(runtime, { project, host: host.url }, packages);
    outcomes.push(outcome);
    if ("missing" in outcome) {
      total.skipped += 1;
      console.log(`\nSKIPPED ${runtime.title}: ${outcome.missing}`);
      continue;
    }
    for (const { passed, failures } of outcome.verdicts) {
      total.passed += passed;
      total.failed += failures.length;
    }
  }
}
for (const [name, check] of Object.entries(CHECKS)) {
  if (!isPicked(name)) continue;
  console.log(`\n── ${name}`);
  const result = await check(project, manifests).catch((error: unknown) => {
    if (!(error instanceof NotHere)) throw error;
    console.log(`SKIPPED ${name}: ${error.message}`);
    total.skipped += 1;
    return { passed: 0, failures: [] };
  });
  const { passed, failures } = result;
  for (const failure of failures) console.log(`FAIL ${failure}`);
  console.log(`${passed} passed, ${failures.length} failures`);
  total.passed += passed;
  total.failed += failures.length;
}

if (total.failed === 0) {
  const path = join(root, "README.md");
  const readme = readFileSync(path, "utf8");
  const titles = RUNTIMES.map(({ title }) => title);
  const names = [...new Set(suites.map((suite) => suite.package))];
  if (values.write) writeFileSync(path, withOutcomes(readme, outcomes, titles, names));
  const stale = staleCells(readFileSync(path, "utf8"), outcomes);
  for (const line of stale) console.log(`FAIL ${line}`);
  total.failed += stale.length;
}
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
