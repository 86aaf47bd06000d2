import { fork } from "node:child_process";
import { performance } from "node:perf_hooks";
import { ask } from "./ask.ts";
import type { Outcome } from "./case.ts";
import { rssOf } from "./memory.ts";

const TRACE_INTERVAL = 25;

/** What a child process is started with. */
export interface Job {
  /** URL of the group's module. */
  readonly module: string;
  readonly case: string;
  readonly bytes: number;
  readonly folder: string;
  /** Where Node keeps what it compiled: to strip types holds 16 MiB, which no user of the packages has to. */
  readonly cache: string;
  readonly file: string | undefined;
  readonly server: string | undefined;
}

/** What a child process is asked. */
export type Question =
  | { readonly do: "run"; readonly side: "subject" | "peer"; readonly measured: boolean }
  | { readonly do: "finish" };

/** What one run cost, as measured inside its process; times in milliseconds, memory in bytes. */
export interface Sample {
  readonly wall: number;
  /** User and system time of the whole process. */
  readonly cpu: number;
  readonly outcome: Outcome;
  /** Memory held right before the run. */
  readonly startRss: number;
  /** The most the process has held since its start. */
  readonly peakRss: number;
  /** What V8's young generation took at the end. Reports that are older than this field have none. */
  readonly youngGeneration?: number;
  /** Memory held over time: pairs of milliseconds since the run was asked for, and bytes. Linux alone. */
  readonly trace: readonly (readonly [time: number, rss: number])[];
}

/** One child process with a case loaded and set up; disposing tears the case down and ends the process. */
export interface ChildRunner extends AsyncDisposable {
  run(side: "subject" | "peer", measured: boolean): Promise<Sample>;
}

/**
 * Starts a child process and runs the case's `setup` in it.
 *
 * @param job The case and what it is given.
 * @throws Error if the group cannot be loaded or `setup` throws.
 */
export async function startChildRunner(job: Job): Promise<ChildRunner> {
  const child = fork(new URL("child-main.ts", import.meta.url), [JSON.stringify(job)], {
    execArgv: ["--expose-gc"],
    env: { ...process.env, NODE_COMPILE_CACHE: job.cache },
    stdio: ["ignore", 2, 2, "ipc"],
  });
  const stop = () => void child.kill("SIGKILL");
  const finish: Question = { do: "finish" };
  try {
    await ask(child);
  } catch (error) {
    stop();
    throw error;
  }
  let failed = false;
  return {
    async run(side, measured) {
      const trace: [number, number][] = [];
      const start = performance.now();
      // Taken from here: a timer in the child would stand still in a synchronous loop, or behind streams that live on microtasks.
      const timer = setInterval(() => {
        const rss = rssOf(child.pid ?? 0);
        if (rss !== undefined) trace.push([Math.round(performance.now() - start), rss]);
      }, TRACE_INTERVAL);
      try {
        const sample = await ask<Omit<Sample, "trace">>(child, { do: "run", side, measured } satisfies Question);
        return { ...sample, trace };
      } catch (error) {
        failed = true;
        throw error;
      } finally {
        clearInterval(timer);
      }
    },
    async [Symbol.asyncDispose]() {
      try {
        // After a failed run its error is the news, not what teardown makes of the remains.
        await ask(child, finish).catch((error) => {
          if (!failed) throw error;
        });
      } finally {
        stop();
      }
    },
  };
}
