import { runBenchmarks } from "./harness/run-benchmarks.ts";

process.exitCode = await runBenchmarks(process.argv.slice(2), new URL("groups/", import.meta.url), {
  out: (line) => console.log(line),
  err: (line) => console.error(line),
});
