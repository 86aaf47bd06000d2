// The gate, `npm test`: everything that must hold before a change is kept, on any machine, offline.
import { closingLine, runSteps, vitestSummaries } from "./run-steps.ts";

await runSteps([
  { name: "build", command: "nx run-many -t build --output-style=static", required: true },
  // Finds a reference that tsconfig.json lacks, which nx, ordering by package.json, does not.
  { name: "references", command: "tsc -b" },
  { name: "lint", command: "biome check --error-on-warnings ." },
  { name: "layering", command: "node tools/layering.ts", count: closingLine },
  { name: "dead exports", command: "knip" },
  { name: "tools", command: "vitest run --dir tools", count: vitestSummaries },
  { name: "unit tests", command: "nx run-many -t test --output-style=static", count: vitestSummaries },
  { name: "examples", command: "node tools/examples.ts", count: closingLine },
  { name: "type tests", command: "tsc -p tsconfig.test.json" },
  { name: "packages", command: "node tools/packages.ts", count: closingLine },
]);
