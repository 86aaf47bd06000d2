// The gates of continuous integration, in order. `tools/ci` calls this from a clean checkout.
import { closingLine, runSteps } from "./run-steps.ts";

await runSteps([{ name: "npm test", command: "npm test", count: closingLine, required: true }]);
