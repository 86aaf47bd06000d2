import { type PollOptions, poll } from "@sluice/poller";
import type { AnyJob } from "./job.ts";
import type { JobOptions } from "./job-options.ts";

/** A delay that every runtime's timer can keep. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** @throws {TypeError | RangeError} for what is not what it must be: before bytes are sent, not after */
export function expectJob<Result>(job: AnyJob<Result> & JobOptions<unknown, Result>): void {
  const { start, started, journal, key, cleanupTimeout = 0, onProgress, onEvent } = Object(job) as typeof job;
  const expect = (name: string, valid: boolean, expected: string, received: unknown, Kind = TypeError): void => {
    if (!valid) throw new Kind(`Cannot run the job: "${name}" must be ${expected}, received ${received}`);
  };
  for (const [name, value] of Object.entries({ send: job?.send, task: job?.task })) {
    expect(name, typeof value === "function", "a function", typeof value);
  }
  for (const [name, value] of Object.entries({ start, onProgress, onEvent })) {
    expect(name, value === undefined || typeof value === "function", "a function", typeof value);
  }
  for (const method of ["lock", "read", "append", "remove"] as const) {
    if (journal === undefined) break;
    expect("journal", typeof journal?.[method] === "function", `a journal with "${method}"`, typeof journal);
  }
  if (journal !== undefined || key !== undefined) expect("key", typeof key === "string", "a string", typeof key);
  expect("cleanupTimeout", typeof cleanupTimeout === "number", "a number", typeof cleanupTimeout);
  const bounded = cleanupTimeout >= 0 && cleanupTimeout <= LONGEST_TIMER;
  expect("cleanupTimeout", bounded, `a number from 0 to ${LONGEST_TIMER}`, cleanupTimeout, RangeError);
  expect("startAgain", !(job.startAgain && started !== undefined), `left out where "started" is given`, true);
  // It looks at its options, and reads nothing before it is asked to.
  poll({ id: "", read: () => Promise.reject() }, { ...job, onEvent: undefined } as PollOptions<unknown>);
}
