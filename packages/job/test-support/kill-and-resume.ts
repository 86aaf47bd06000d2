import assert from "node:assert/strict";
import { type Death, JobService } from "./job-service.ts";

/** How a job that was killed ended. */
export interface End {
  /** Whether the process was killed before it was done. */
  readonly killed: boolean;
  /** Whether the next one could not know whether it was started, and was told. */
  readonly unknown: boolean;
}

/**
 * Kills a job and runs it again; where it cannot know, it is told what the server knows.
 *
 * @throws {AssertionError} when something was sent or started twice, or did not come to its result
 */
export async function killAndResume(death: Death): Promise<End> {
  await using service = await new JobService().listen();
  const first = await service.run(death);
  const about = JSON.stringify({ death, first, requests: service.requests });
  let said = first ?? (await service.run());
  const unknown = said?.code === "start-unknown";
  if (unknown) {
    assert.equal(said?.sent, "file-0", about);
    // It was told twice: not knowing is not forgotten.
    assert.equal((await service.run())?.code, "start-unknown", about);
    const [started] = service.starts;
    said = await service.run(undefined, started === undefined ? { startAgain: true } : { started: { id: "task-1" } });
  }
  assert.deepEqual(said, { result: "text of task-1" }, about);
  assert.equal(service.completed, 1, about);
  assert.equal(service.starts.length, 1, about);
  // What was in flight goes again, at most.
  assert.ok(service.bytes <= 10_000 + 2 * 4096, about);
  return { killed: first === undefined, unknown };
}

/** Two at a time, as there are processors. */
export async function perPair<T, R>(all: readonly T[], work: (each: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = [...all.entries()];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all([worker(), worker()]);
  return results;
}
