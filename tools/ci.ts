// The gates of continuous integration, in order. `tools/ci` calls this from a clean checkout.
import { closingLine, runSteps } from "./run-steps.ts";

await runSteps([
  { name: "npm test", command: "npm test", count: closingLine, required: true },
  { name: "bench:check", command: "npm run --silent bench:check", count: closingLine },
  // What is not installed there, such as a browser, is skipped and counted.
  { name: "runtimes", command: "node tools/runtimes/run.ts", count: closingLine },
]);
