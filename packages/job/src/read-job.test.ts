import { memoryJournal } from "@sluice/uploader";
import { expect, test } from "vitest";
import { readJob } from "./read-job.ts";
import { runJob } from "./run-job.ts";

const refusal = Object.assign(new Error("busy"), { status: 429 });
const steps = {
  key: "job",
  send: async () => "file-1",
  start: async (): Promise<{ id: string }> => ({ id: "task-1" }),
  task: ({ id }: { id: string }) => ({ id, read: async () => Promise.reject(new Error("no answer")) }),
};

test.each([
  ["nothing sent", { send: () => Promise.reject(refusal) }, { step: "send", unknown: false }],
  ["a refused start", { start: () => Promise.reject(refusal) }, { step: "start", unknown: false }],
  [
    "a start without an answer",
    { start: () => Promise.reject(new Error("reset")) },
    { step: "start", unknown: true, since: expect.any(Date) },
  ],
  ["a task", {}, { step: "task", unknown: false, started: { id: "task-1" } }],
  [
    "a sending that starts, without an answer",
    { start: undefined, send: () => Promise.reject(new Error("reset")) },
    { step: "send", unknown: true, started: undefined },
  ],
])("readJob tells where a job stands: %s", async (_, change, expected) => {
  const journal = memoryJournal();
  await runJob({ ...steps, ...change, journal, retry: false } as never).catch(() => {});
  expect(await readJob(journal, "job")).toMatchObject({ key: "job", createdAt: expect.any(Date), ...expected });
});

test("readJob finds nothing where no job is written down", async () => {
  const journal = memoryJournal();
  expect(await readJob(journal, "job")).toBeUndefined();
  await journal.append("job", { type: "upload", format: 1 });
  expect(await readJob(journal, "job")).toBeUndefined();
});

test("a damaged job that was looked at first is still not started again", async () => {
  const journal = memoryJournal();
  let found = true;
  const damaged: typeof journal = {
    ...journal,
    async read(key, warn) {
      // Set aside at the first look, as a journal of files does it.
      if (found) warn?.({ reason: "damaged", key, message: "line 3 was changed", at: "job.damaged" });
      found = false;
      return journal.read(key);
    },
  };
  const warnings: string[] = [];
  const state = await readJob(damaged, "job", ({ reason }) => warnings.push(reason));
  expect([state?.unknown, state?.since, warnings]).toEqual([true, undefined, ["damaged"]]);
  await expect(runJob({ ...steps, journal: damaged })).rejects.toMatchObject({ code: "start-unknown" });
});
