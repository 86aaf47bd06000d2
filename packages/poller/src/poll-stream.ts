import { systemClock } from "@sluice/retry";
import type { StreamsOption } from "@sluice/streams";
import { expectPoll, expectTask, pollRules } from "./_expect-poll.ts";
import { Pool } from "./_pool.ts";
import type { PollOptions } from "./poll-options.ts";
import type { Settled } from "./settled.ts";
import type { Task } from "./task.ts";

/** How to follow many tasks. A poll that was written down is taken up with `poll`. */
export interface PollStreamOptions<Result = unknown> extends Omit<PollOptions<Result>, "resume">, StreamsOption {
  /** Reads a second, of all tasks together. @default {Infinity} */
  rate?: number | undefined;
  /** Reads at once, of all tasks together. @default {64} */
  concurrency?: number | undefined;
  /** Tasks at once, the settled ones that nobody has read yet included. @default {10_000} */
  inFlight?: number | undefined;
}

/**
 * A stage from `Task` to its last snapshot, in the order in which they settle: thousands in flight under one limiter.
 *
 * A task that fails, or whose reads fail, comes out like any other, with `state: "failed"` and the error. Tasks of the
 * same provider and id share their reads.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { PollStream, type Task } from "@sluice/poller";
 * import { adopt } from "@sluice/streams";
 *
 * const tasks = Array.from({ length: 100 }, (_, index): Task<number> => ({
 *   id: `job-${index}`,
 *   read: async ({ attempt }) => (attempt < 2 ? { state: "running" } : { state: "succeeded", result: index }),
 * }));
 * const settled = adopt(tasks).pipeThrough(new PollStream<number>({ interval: 10, rate: 5_000 }));
 *
 * let sum = 0;
 * for await (const { task, state, result } of settled) {
 *   assert.equal(state, "succeeded", task.id);
 *   sum += result ?? 0;
 * }
 * assert.equal(sum, 4950);
 * ```
 */
export class PollStream<Result = unknown> {
  readonly readable: ReadableStream<Settled<Result>>;
  readonly writable: WritableStream<Task<Result>>;

  /** @throws {TypeError | RangeError} when an option is not what it must be */
  constructor(options: PollStreamOptions<Result> = {}) {
    const rules = { ...pollRules, rate: 1e-6, concurrency: 1, inFlight: 1 };
    expectPoll("construct PollStream", options as PollOptions<never>, rules);
    const { signal, inFlight = 10_000, clock = systemClock } = options;
    const { ReadableStream, WritableStream } = (options.streams ?? globalThis) as typeof globalThis;
    for (const made of [typeof ReadableStream, typeof WritableStream]) {
      if (made === "function") continue;
      throw new TypeError(`Cannot construct PollStream: "streams" must have both constructors, received ${made}`);
    }
    let output!: ReadableStreamDefaultController<Settled<Result>>;
    let input!: WritableStreamDefaultController;
    let stopped = Promise.resolve();
    let over = false;
    /** Lets a write go on that waits for room, or a close that waits for the last task. */
    let resume: (() => void) | undefined;

    /** What has settled and is not asked for yet. workerd calls `pull` no more once a call of it put nothing in. */
    const settled: Settled<Result>[] = [];
    let wanted: (() => void) | undefined;
    let closing = false;
    const handOver = (): void => {
      if (!over && wanted && settled.length > 0) {
        output.enqueue(settled.shift() as Settled<Result>);
        wanted();
        wanted = undefined;
      }
      if (!over && closing && settled.length === 0) {
        finish();
        output.close();
      }
      resume?.();
    };
    const pool = new Pool<Result>(options, clock, (snapshot) => {
      settled.push(snapshot);
      handOver();
    });

    /** Resolves when `ready`, or when everything is over. */
    const until = async (ready: () => boolean): Promise<void> => {
      while (!over && !ready()) {
        await new Promise<void>((resolve) => {
          resume = resolve;
        });
      }
    };
    const finish = (): void => {
      over = true;
      resume?.();
      signal?.removeEventListener("abort", onAbort);
    };
    const stop = (reason: unknown, aborting = false): Promise<void> => {
      if (!over) {
        finish();
        // Node 22 breaks when a stream is errored while it is being aborted; and it needs no other error then.
        if (!aborting) input.error(reason);
        output.error(reason);
        stopped = pool.stop(reason);
      }
      return stopped;
    };
    const onAbort = (): void => void stop(signal?.reason);

    this.readable = new ReadableStream<Settled<Result>>(
      {
        start(controller) {
          output = controller;
        },
        pull: () =>
          new Promise<void>((resolve) => {
            wanted = resolve;
            handOver();
          }),
        cancel: (reason) => stop(reason),
      },
      { highWaterMark: 0 },
    );
    this.writable = new WritableStream<Task<Result>>({
      start(controller) {
        input = controller;
        // `abort` below is called only when the write or the close under way has settled.
        controller.signal.addEventListener("abort", () => stop(controller.signal.reason, true));
      },
      async write(task) {
        try {
          expectTask(task as Task<never>);
        } catch (error) {
          stop(error);
          throw error;
        }
        await until(() => pool.running + settled.length < inFlight);
        if (!over) pool.add(task);
      },
      async close() {
        await until(() => !pool.running);
        closing = true;
        handOver();
      },
      abort: (reason) => stop(reason),
    });
    signal?.addEventListener("abort", onAbort);
    if (signal?.aborted) onAbort();
  }
}
