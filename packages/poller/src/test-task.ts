import { quickly, SOON } from "./_quickly.ts";
import { poll } from "./poll.ts";
import type { Snapshot, Task, TaskContext } from "./task.ts";
import { waitFor } from "./wait-for.ts";

/**
 * What the far side is to do with the task that is asked for: end well, end badly, go on until it is cancelled, refuse
 * the first read as a busy server does, leave a read without an answer, or know of no such task.
 */
export type TaskScenario = "succeeds" | "fails" | "runs" | "busy" | "hangs" | "missing";

/** One law, to be registered with any test runner. */
export interface Law {
  readonly name: string;
  check(): Promise<void>;
}

const STATES = ["queued", "running", "succeeded", "failed", "canceled"];

/**
 * What every provider's task owes whoever follows it, as a list of checks for any test runner.
 *
 * @param create starts a new task, on a server that the provider's tests control, and returns it as the provider does
 *
 * @example
 * ```ts
 * import { test } from "node:test";
 * import type { Task } from "@sluice/poller";
 * import { type TaskScenario, testTask } from "@sluice/poller/testing";
 *
 * let made = 0;
 * const create = (scenario: TaskScenario): Task => {
 *   let canceled = false;
 *   return {
 *     id: `job-${++made}`,
 *     provider: "example",
 *     async read({ signal, attempt }) {
 *       signal.throwIfAborted();
 *       if (scenario === "hangs") {
 *         await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
 *       }
 *       if (scenario === "missing") throw Object.assign(new Error("no such task"), { status: 404, retryable: false });
 *       if (scenario === "busy" && attempt === 1) {
 *         throw Object.assign(new Error("busy"), { status: 429, retryable: true, retryAfter: 10 });
 *       }
 *       if (canceled) return { state: "canceled" };
 *       if (scenario === "runs") return { state: "running", progress: 0.5 };
 *       return scenario === "fails" ? { state: "failed", error: "no GPU" } : { state: "succeeded", result: 42 };
 *     },
 *     async cancel() {
 *       canceled = true;
 *     },
 *   };
 * };
 * for (const { name, check } of testTask(create)) test(name, check);
 * ```
 */
export function testTask(create: (scenario: TaskScenario) => Task | Promise<Task>): Law[] {
  return [
    {
      name: "has an id, a provider, and a read",
      async check() {
        const task = await create("runs");
        expect(typeof task.id === "string" && task.id !== "", "an id", task.id);
        expect(typeof task.provider === "string" && task.provider !== "", "a provider", task.provider);
        expect(typeof task.read === "function", "a read function", task.read);
        expect((await create("runs")).id !== task.id, "ids of their own for two tasks", task.id);
      },
    },
    {
      name: "gives snapshots as poll expects them",
      async check() {
        for (const scenario of ["succeeds", "fails", "runs"] as const)
          expectSnapshot(await once(await create(scenario)));
      },
    },
    {
      name: "ends with a result, and stays ended",
      async check() {
        const task = await create("succeeds");
        const result = await quickly(waitFor(task, { interval: 10, deadline: SOON }));
        expect(result !== undefined, "a result", result);
        expect((await once(task)).state === "succeeded", "the same state when read again", (await once(task)).state);
      },
    },
    {
      name: "says why it failed",
      async check() {
        const task = await create("fails");
        const snapshots = await quickly(Array.fromAsync(poll(task, { interval: 10, deadline: SOON })));
        const { state, error } = snapshots.at(-1) as Snapshot;
        expect(state === "failed", 'the state "failed"', state);
        expect(error !== undefined && error !== null && error !== "", "an error", error);
      },
    },
    {
      name: "can be read by several at once",
      async check() {
        const task = await create("runs");
        const states = (await Promise.all([once(task), once(task), once(task)])).map(({ state }) => state);
        for (const state of states) expect(state === "queued" || state === "running", "a state before the end", state);
      },
    },
    {
      name: "stops reading on an abort, with the reason itself",
      async check() {
        for (const [scenario, wait] of [
          ["runs", -1],
          ["hangs", 0],
          ["hangs", 50],
        ] as const) {
          const controller = new AbortController();
          const reason = new Error("stop");
          if (wait < 0) controller.abort(reason);
          const task = await create(scenario);
          const read = task.read({ signal: controller.signal, attempt: 1 });
          if (wait >= 0) setTimeout(() => controller.abort(reason), wait);
          const thrown = await rejection(read);
          expect(thrown === reason, "the signal's reason", thrown);
        }
      },
    },
    {
      name: "tells a busy server's answer from a failure",
      async check() {
        const error = Object(await rejection(once(await create("busy"))));
        expect(error.retryable === true, "an error with retryable: true", error.retryable);
        const { retryAfter = 0 } = error;
        expect(typeof retryAfter === "number" && retryAfter >= 0, "a retryAfter in milliseconds, or none", retryAfter);
        await quickly(
          waitFor(await create("busy"), { interval: 10, retry: { base: 10 }, deadline: 10 * SOON }),
          10 * SOON,
        );
      },
    },
    {
      name: "tells a task that is not known",
      async check() {
        const task = await create("missing");
        const error = Object(await rejection(once(task)));
        expect(error instanceof Error, "an Error", error);
        expect(error.status === 404 || error.status === 422, "status 404 or 422", error.status);
        expect(error.retryable === false, "an error with retryable: false", error.retryable);
        const thrown = await rejection(waitFor(task, { grace: 0 }));
        expect(Object(thrown).status === error.status, "the same from waitFor", thrown);
      },
    },
    {
      name: "can be cancelled where it says so, more than once, and also when it has ended",
      async check() {
        const task = await create("runs");
        if (!task.cancel) return;
        await quickly(task.cancel(context()));
        let state: string | undefined;
        const onSnapshot = (snapshot: Snapshot): void => {
          state = snapshot.state;
        };
        await waitFor(task, { interval: 10, deadline: SOON, onSnapshot }).catch(() => {});
        expect(state === "canceled", 'the state "canceled"', state);
        const ended = await create("succeeds");
        await quickly(waitFor(ended, { interval: 10, deadline: SOON }));
        // Either way is fine; hanging or throwing synchronously is not.
        await Promise.allSettled([quickly(task.cancel(context())), ended.cancel && quickly(ended.cancel(context()))]);
      },
    },
  ];
}

function context(): TaskContext {
  return { signal: new AbortController().signal, attempt: 1 };
}

function once(task: Task): Promise<Snapshot> {
  return quickly(task.read(context()));
}

function expectSnapshot({ state, progress, retryAfter }: Snapshot): void {
  expect(STATES.includes(state), `one of ${STATES.join(", ")}`, state);
  expect(progress === undefined || (progress >= 0 && progress <= 1), "a progress from 0 to 1, or none", progress);
  expect(retryAfter === undefined || retryAfter >= 0, "a retryAfter in milliseconds, or none", retryAfter);
}

function expect(holds: boolean, expected: string, received: unknown): void {
  if (!holds) throw new Error(`The task should have ${expected}, received ${String(received)}`);
}

function rejection(promise: Promise<unknown>): Promise<unknown> {
  return quickly(
    promise.then(
      (value) => {
        throw new Error(`The task should reject, received ${String(value)}`);
      },
      (error: unknown) => error,
    ),
  );
}
