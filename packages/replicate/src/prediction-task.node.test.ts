import { type Emulator, startEmulator } from "@sluice/emulator";
import { poll, waitFor } from "@sluice/poller";
import { testTask } from "@sluice/poller/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Replicate, replicate } from "./index.ts";
import { snapshotOf } from "./prediction-task.ts";

let emulator: Emulator;
let client: Replicate;

beforeAll(async () => {
  emulator = await startEmulator({ replicate: { start: 1, run: 20 } });
  client = replicate({ apiToken: "r8_test-token", baseUrl: emulator.urls.replicate });
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await emulator.close();
});

describe("task passes the suite for tasks:", () => {
  const models = { succeeds: "digest", fails: "fail", runs: "never", busy: "digest", hangs: "never" } as const;
  const laws = testTask(async (scenario) => {
    emulator.faults.clear();
    if (scenario === "missing") return client.task("nothing");
    const { id } = await client.createPrediction(`owner/${models[scenario]}`, { input: {} });
    if (scenario === "busy")
      emulator.faults.set([{ match: { route: "predictions.get", nth: 1 }, do: { retryAfter: 10 } }]);
    if (scenario === "hangs")
      emulator.faults.set([{ match: { route: "predictions.get" }, do: { stallAfterBytes: 0 } }]);
    return client.task(id);
  });
  for (const { name, check } of laws) test(name, check);
});

describe("task", () => {
  test("of a prediction that is over asks for nothing", async () => {
    emulator.faults.clear();
    const prediction = await client.createPrediction("owner/digest", { input: {}, wait: true });
    emulator.requests.length = 0;
    expect(await waitFor(client.task(prediction))).toEqual({ files: [] });
    expect(emulator.requests).toEqual([]);
  });

  test("goes through queued and running, and has the provider's own words", async () => {
    const { id } = await client.createPrediction("owner/digest", { input: { emulate: { start: 30, run: 60 } } });
    const snapshots = await Array.fromAsync(poll(client.task(id), { interval: 5 }));
    const states = snapshots.map(({ state }) => state);
    expect([states[0], states.includes("running"), states.at(-1)]).toEqual(["queued", true, "succeeded"]);
    expect(snapshots.at(-1)?.raw).toMatchObject({ id, status: "succeeded" });
  });

  test("a server's hint in the body of a 429 is a floor", async () => {
    const { id } = await client.createPrediction("owner/digest", { input: {} });
    const body = { detail: "throttled", status: 429, retry_after: 2 };
    emulator.faults.set([{ match: { route: "predictions.get", nth: 1 }, do: { status: 429, body } }]);
    const reading = client.task(id).read({ signal: new AbortController().signal, attempt: 1 });
    await expect(reading).rejects.toMatchObject({ status: 429, retryable: true, retryAfter: 2000 });
  });

  test("reads progress from the logs; what it does not know is left to the poller", () => {
    const base = { id: "p", output: null, error: null };
    const logs = "  4%|▍         | 2/50\r 76%|███████▌  | 38/50 [00:33<00:10]\nmore";
    expect(snapshotOf({ ...base, status: "processing", logs }, (output) => output).progress).toBe(0.76);
    expect(snapshotOf({ ...base, status: "paused", logs: "" }, (output) => output).state).toBe("paused");
    expect(() => client.task("")).toThrow(TypeError);
  });
});
