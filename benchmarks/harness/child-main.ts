// The process in which contenders run: loads one case, then answers each message with one run's sample.
import { flushCompileCache } from "node:module";
import { performance } from "node:perf_hooks";
import type { Case, RunContext } from "./case.ts";
import type { Job, Question } from "./child-runner.ts";
import { cpuTime } from "./cpu-time.ts";
import { loadGroup } from "./load-group.ts";
import { currentRss, peakRss, youngGeneration } from "./memory.ts";

process.on("disconnect", () => process.exit());

const job = JSON.parse(process.argv[2] ?? "") as Job;
const { cases } = await loadGroup(job.module);
const definition = cases.find(({ name }) => name === job.case) as Case;

let fixture: unknown;

await answering(async () => {
  fixture = await definition.setup?.(context(false));
  return {};
});

process.on("message", (question: Question) => {
  void answering(() => (question.do === "finish" ? finish() : run(question)));
});

async function run({ side, measured }: Extract<Question, { do: "run" }>): Promise<object> {
  const contender = definition[side];
  const given = context(measured);
  await contender?.prepare?.();
  // Whoever runs next would pay for what the one before left behind.
  globalThis.gc?.();
  const startRss = currentRss();
  const cpu = cpuTime();
  const start = performance.now();
  const outcome = await contender?.run(given);
  const wall = performance.now() - start;
  return { wall, cpu: cpuTime() - cpu, outcome, startRss, peakRss: peakRss(), youngGeneration: youngGeneration() };
}

function context(measured: boolean): RunContext {
  const { bytes, folder } = job;
  return {
    bytes,
    folder,
    measured,
    fixture,
    get file() {
      return job.file ?? missing("file");
    },
    get server() {
      return job.server ?? missing("server");
    },
  };
}

async function finish(): Promise<object> {
  await definition.teardown?.(fixture);
  // This process is killed, which writes no cache.
  flushCompileCache();
  return {};
}

async function answering(work: () => Promise<object>): Promise<void> {
  try {
    process.send?.(await work());
  } catch (error) {
    process.send?.({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

function missing(what: "file" | "server"): never {
  throw new TypeError(`context.${what} is there only for a case with "${what}: true"`);
}
