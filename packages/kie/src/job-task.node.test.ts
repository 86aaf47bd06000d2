import { createHash } from "node:crypto";
import { type Emulator, type FaultAction, startEmulator } from "@sluice/emulator";
import { poll, type Task, waitFor } from "@sluice/poller";
import { testTask } from "@sluice/poller/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type JobResult, type Kie, kie } from "./index.ts";
import { snapshotOf } from "./job-task.ts";

let emulator: Emulator;
let client: Kie;

beforeAll(async () => {
  emulator = await startEmulator({ kie: { early: 5, wait: 5, queue: 5, run: 10 } });
  client = kie({ apiKey: "any-key", baseUrl: emulator.urls.kie, retry: { base: 2 } });
});
beforeEach(() => {
  emulator.faults.clear();
  emulator.requests.length = 0;
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await emulator.close();
});

const create = (model: string, emulate: object = {}) => client.createJob(model, { emulate });
const read = (task: Task<JobResult>) => task.read({ signal: new AbortController().signal, attempt: 1 });
const faultOn = (nth: number | undefined, action: FaultAction, route = "jobs.get") =>
  emulator.faults.set([{ match: { provider: "kie", route, ...(nth === undefined ? {} : { nth }) }, do: action }]);

describe("a job as a task, on the emulator", () => {
  const laws = testTask(async (scenario) => {
    emulator.faults.clear();
    const outcome = scenario === "fails" ? "fail" : scenario === "runs" ? "never" : "success";
    const { taskId } = await create("digest", {
      outcome,
      early: 0,
      wait: 0,
      queue: 0,
      run: scenario === "runs" ? 0 : 5,
    });
    if (scenario === "busy") faultOn(1, { softError: 429 });
    if (scenario === "hangs") faultOn(undefined, { stallAfterBytes: 0 });
    return client.task(scenario === "missing" ? `none-${taskId}` : taskId);
  });
  for (const { name, check } of laws) test(name, check);
});

describe("task", () => {
  test("is followed to its end, through no record at all, and its result is parsed", async () => {
    const reference = await client.send(new Blob(["abc"], { type: "image/png" }));
    const job = await client.createJob("google/nano-banana-edit", { image_urls: [reference.value] });
    faultOn(1, { softError: 422 });
    const snapshots = await Array.fromAsync(poll(client.task(job), { interval: 3 }));
    const { state, result, raw } = snapshots.at(-1) ?? {};
    expect([snapshots[0]?.state, state]).toEqual(["queued", "succeeded"]);
    const sha256 = createHash("sha256").update("abc").digest("hex");
    expect(result).toMatchObject({
      urls: [expect.stringMatching(/out-0\.png$/)],
      resultUrls: [expect.stringMatching(/out-0\.png$/)],
      resultObject: { files: [{ at: "/image_urls/0", via: "file", type: "image/png", size: 3, sha256 }] },
    });
    expect(raw).toMatchObject({ taskId: job.taskId, state: "success", resultJson: expect.any(String) });
    expect((await fetch(result?.urls[0] ?? "")).headers.get("content-type")).toBe("image/png");
  });

  test("has a grace of 90 s from its creation, known by the client, by the job, or counted from the call", async () => {
    const job = await create("digest", { early: 1_000_000 });
    const early = { state: "queued", error: expect.objectContaining({ providerCode: 422 }) };
    expect(await read(client.task(job.taskId))).toMatchObject(early);
    await using later = kie({ apiKey: "any-key", baseUrl: emulator.urls.kie });
    expect(await read(later.task(JSON.parse(JSON.stringify(job))))).toMatchObject(early);
    expect(await read(later.task(job.taskId, { grace: 5_000 }))).toMatchObject(early);
    const missing = { code: "soft-error", status: 422, providerCode: 422, retryable: false };
    await expect(read(later.task(job.taskId))).rejects.toMatchObject(missing);
    const old = { ...job, createdAt: new Date(Date.now() - 90_001).toISOString() };
    await expect(read(later.task(old))).rejects.toMatchObject(missing);
    await expect(read(client.task(job, { grace: 0 }))).rejects.toMatchObject(missing);
  });

  test("ends, when it is missing for good, with the service's own words", async () => {
    const waited = waitFor(client.task("nothing"), { grace: 0 });
    await expect(waited).rejects.toMatchObject({ code: "soft-error", status: 404, message: /Task not found/ });
  });

  test("that failed has the service's message and code", async () => {
    const job = await create("digest", { outcome: "fail", failCode: "501", failMsg: "no GPU" });
    const error = await waitFor(client.task(job), { interval: 3 }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "task-failed", cause: { code: "soft-error", providerCode: "501" } });
    expect(String(error)).toContain('kie.ai answered "no GPU" (code 501)');
  });

  test.each([408, 429, 455, 500, 520])("outlives code %d in a reply, soft or not", async (code) => {
    const job = await create("digest");
    faultOn(1, { softError: code });
    await waitFor(client.task(job), { interval: 3, retry: { base: 2 } });
    faultOn(1, { status: code });
    await waitFor(client.task(job), { interval: 3, retry: { base: 2 } });
  });

  test.each([400, 401, 402, 433, 501, 505])("does not outlive code %d", async (code) => {
    faultOn(undefined, { softError: code });
    const waited = waitFor(client.task("a"), { interval: 3 });
    await expect(waited).rejects.toMatchObject({ code: "soft-error", providerCode: code, status: code });
  });

  test("tells progress, passes on what it does not know, and refuses what is no id", () => {
    expect(snapshotOf("a", { state: "generating", progress: 45 }).progress).toBe(0.45);
    expect(snapshotOf("a", { state: "generating" }).progress).toBeUndefined();
    expect(snapshotOf("a", { state: "paused" }).state).toBe("paused");
    for (const wrong of ["", undefined, 7, {}]) expect(() => client.task(wrong as never)).toThrow(TypeError);
    expect(() => client.task("a", { grace: -1 })).toThrow(RangeError);
  });

  test("whose result is no JSON is a bad reply", () => {
    expect(() => snapshotOf("a", { state: "success", resultJson: "{" })).toThrow(
      expect.objectContaining({ code: "bad-reply", retryable: false }),
    );
  });
});

describe("createJob", () => {
  const failing = async (action: FaultAction) => {
    emulator.faults.set([{ match: { route: "jobs.create" }, do: action }]);
    const error = await client.createJob("digest", {}).catch((thrown: unknown) => thrown);
    return { error, sent: emulator.requests.length };
  };

  test.each<[FaultAction]>([[{ status: 500 }], [{ softError: 500 }], [{ softError: 408 }], [{ softError: 455 }]])(
    "is sent once, whatever it is answered: %o",
    async (action) => {
      expect((await failing(action)).sent).toBe(1);
    },
  );

  test("is sent once when no reply comes, and that it may have been received is told", async () => {
    expect(await failing({ resetAfterWork: true })).toMatchObject({ sent: 1, error: { code: "http", reached: true } });
  });

  test.each<[FaultAction]>([[{ status: 429 }], [{ softError: 429 }], [{ retryAfter: 1 }]])(
    "is sent again after a refusal for being too many: %o",
    async (action) => {
      emulator.faults.set([{ match: { route: "jobs.create", nth: [1, 2] }, do: action }]);
      const retries: unknown[] = [];
      const onEvent = (event: { type: string }) => event.type === "retry" && retries.push(event);
      await using telling = kie({ apiKey: "any-key", baseUrl: emulator.urls.kie, retry: { base: 2 }, onEvent });
      expect((await telling.createJob("digest", {})).taskId).toMatch(/^[0-9a-f]{32}$/);
      expect([emulator.requests.length, retries.length]).toEqual([3, 2]);
    },
  );

  test("is sent again when nobody was there", async () => {
    const tries: number[] = [];
    const retry = { base: 1, attempts: 3, onRetry: ({ attempt }: { attempt: number }) => void tries.push(attempt) };
    await using nowhere = kie({ apiKey: "any-key", baseUrl: "http://127.0.0.1:9", retry });
    await expect(nowhere.createJob("digest", {})).rejects.toMatchObject({ code: "http", reached: false });
    expect(tries).toEqual([1, 2]);
  });

  test.each([
    ["", {}, {}],
    [7, {}, {}],
    ["a", null, {}],
    ["a", [], {}],
    ["a", "b", {}],
    ["a", {}, { callBackUrl: "no url" }],
    ["a", {}, { callBackUrl: "file:///etc/passwd" }],
  ])("refuses %o, %o, %o at once", async (model, input, options) => {
    await expect(client.createJob(model as never, input as never, options)).rejects.toThrow(TypeError);
    expect(emulator.requests).toEqual([]);
  });
});

describe("beside jobs", () => {
  test("there are credits, and links to what was made", async () => {
    const before = await client.credit();
    const { urls } = (await waitFor(client.task(await create("image")), { interval: 3 })) as JobResult;
    expect(await client.credit()).toBe(before - 1);
    const link = await client.downloadUrl(urls[0] ?? "");
    expect((await fetch(link)).status).toBe(200);
    await expect(client.downloadUrl("https://files.example/a")).rejects.toMatchObject({ providerCode: 422 });
  });
});
