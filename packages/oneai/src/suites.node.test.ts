import { type Emulator, startEmulator } from "@sluice/emulator";
import { createClient } from "@sluice/http";
import { testTask } from "@sluice/poller/testing";
import { type TargetScenario, testPartTarget } from "@sluice/uploader/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import { type OneAi, oneai } from "./index.ts";
import { speakingClient } from "./oneai-error.ts";
import { inputBody, pipelineCalls } from "./pipeline-calls.ts";
import { pipelineTarget } from "./pipeline-target.ts";

// What all tasks and all targets owe, with the far side as the scenarios want it.
let emulator: Emulator;
let client: OneAi;
beforeAll(async () => {
  emulator = await startEmulator({ oneai: { start: 1, run: 20 } });
  client = oneai({ apiKey: "a-key-of-tests", baseUrl: emulator.urls.oneai });
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await emulator.close();
});

describe("task passes the suite for tasks:", () => {
  const told = { succeeds: {}, fails: { fail: 40012 }, runs: { never: true }, busy: {}, hangs: {} };
  const laws = testTask(async (scenario) => {
    emulator.faults.clear();
    if (scenario === "missing") return client.task("nothing");
    const { id } = await client.start([{ skill: "summarize", params: { emulate: told[scenario] } }], "Water");
    const route = "tasks.get";
    if (scenario === "busy") emulator.faults.set([{ match: { route, nth: 1 }, do: { retryAfter: 10 } }]);
    if (scenario === "hangs") emulator.faults.set([{ match: { route }, do: { stallAfterBytes: 0 } }]);
    return client.task(id);
  });
  for (const { name, check } of laws) test(name, check);
});

describe.each(["as it is", "inside of JSON"])("a file %s passes the suite for targets:", (way) => {
  const route = way === "as it is" ? "pipeline.upload" : "pipeline.start";
  const faults: Readonly<Record<TargetScenario, object | undefined>> = {
    works: undefined,
    busy: { match: { route, nth: 1 }, do: { retryAfter: 0 } },
    "loses a part's reply": { match: { route, nth: 1 }, do: { resetAfterWork: true } },
    "loses the completion's reply": undefined,
    hangs: { match: { route }, do: { stallAfterBytes: 1_000 } },
  };
  const request = { content_type: "audio/wav", steps: [{ skill: "transcribe", params: {} }] };
  const laws = testPartTarget(async (scenario) => {
    const fault = faults[scenario];
    emulator.faults.set(fault === undefined ? [] : [fault as never]);
    const http = speakingClient(createClient({ headers: { "api-key": "a-key-of-tests" } }));
    const redact = async <Value>(value: Value) => value;
    const calls = pipelineCalls(http, { baseUrl: emulator.urls.oneai, retry: false, timeouts: undefined, redact });
    const target = pipelineTarget(
      way === "as it is"
        ? {
            send: (source, how) =>
              calls.upload(request, { source, type: "application/json" }, { ...how, retry: false }),
          }
        : {
            send: (body, how) => calls.start(inputBody(body, "base64", request), { ...how, retry: false }),
            before: 10,
          },
      undefined,
    );
    const sha256 = async ({ task_id: id }: { task_id: string }) => {
      const { task } = await calls.read(id, {});
      if (task.status !== "COMPLETED") return sha256({ task_id: id });
      return /"sha256\\":\\"([0-9a-f]{64})/.exec(JSON.stringify(task.result))?.[1] ?? "none";
    };
    return { target, sha256 };
  });
  for (const { name, check } of laws) test(name, check);
});
