import { expect, test } from "vitest";
import type { Snapshot, Task } from "./index.ts";
import { type TaskScenario, testTask } from "./testing.ts";

let made = 0;

/** A task as it should be, but for what `wrong` changes. */
function create(scenario: TaskScenario, wrong: (task: Task) => Partial<Task> = () => ({})): Task {
  let canceled = false;
  let reads = 0;
  made += 1;
  const task: Task = {
    id: `job-${made}`,
    provider: "test",
    async read({ signal }) {
      signal.throwIfAborted();
      reads += 1;
      if (scenario === "hangs") {
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      }
      if (scenario === "missing") throw Object.assign(new Error("none"), { status: 404, retryable: false });
      if (scenario === "busy" && reads === 1)
        throw Object.assign(new Error("busy"), { retryable: true, retryAfter: 5 });
      if (canceled) return { state: "canceled" };
      if (scenario === "runs" || reads < 2) return { state: "running" };
      return scenario === "fails" ? { state: "failed", error: "no GPU" } : { state: "succeeded", result: 1 };
    },
    async cancel() {
      canceled = true;
    },
  };
  return { ...task, ...wrong(task) };
}

test.each(testTask(create).map(({ name, check }) => [name, check] as const))("a good task %s", (_, check) => check());

test("a task without cancel passes, too", async () => {
  for (const { check } of testTask((scenario) => {
    const { id, provider, read } = create(scenario);
    return { id, provider, read };
  })) {
    await check();
  }
});

const changed =
  (change: (snapshot: Snapshot) => object) =>
  ({ read }: Task): Partial<Task> => ({
    read: async (context) => ({ ...change(await read(context)) }) as Snapshot,
  });

// The laws must be able to fail: each faulty task breaks the one it is named after.
test.each<[string, (task: Task) => Partial<Task>]>([
  ["has an id", () => ({ id: "same" })],
  ["has an id", () => ({ provider: "" })],
  ["gives snapshots", changed((snapshot) => ({ ...snapshot, state: snapshot.state.toUpperCase() }))],
  ["gives snapshots", changed((snapshot) => ({ ...snapshot, progress: 50 }))],
  ["ends with a result", changed((snapshot) => ({ ...snapshot, result: undefined }))],
  ["says why", changed((snapshot) => ({ ...snapshot, error: undefined }))],
  ["can be read by several", () => ({ read: async () => ({ state: "succeeded" }) })],
  ["stops reading", ({ read }) => ({ read: (context) => read({ ...context, signal: new AbortController().signal }) })],
  [
    "stops reading",
    ({ read }) => ({ read: (context) => read(context).catch(() => Promise.reject(new Error("AbortError"))) }),
  ],
  ["busy server", ({ read }) => ({ read: (context) => read(context).catch(() => Promise.reject(new Error("429"))) })],
  ["not known", ({ read }) => ({ read: (context) => read(context).catch(() => ({ state: "failed" })) })],
  ["can be cancelled", () => ({ cancel: async () => {} })],
  ["can be cancelled", () => ({ cancel: () => new Promise(() => {}) })],
])("testTask finds a task that breaks: %s (%#)", async (name, wrong) => {
  const laws = testTask((scenario) => create(scenario, wrong)).filter((law) => law.name.includes(name));
  expect(laws.length).toBe(1);
  await expect(laws[0]?.check()).rejects.toThrow("The task should");
});
