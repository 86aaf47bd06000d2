import { afterAll, beforeAll, expect, test } from "vitest";
import { useOwnTemporaryFolder } from "../test-support/own-temporary-folder.ts";
import { filesLeft, sendBrokenRequests } from "../test-support/send-broken-requests.ts";
import { type Emulator, startEmulator } from "./index.ts";

const COUNT = Number(process.env["BROKEN"] ?? 1000);

useOwnTemporaryFolder();

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.close());

test(`${COUNT} broken requests are each answered in the provider's words, and leave nothing behind`, async () => {
  const seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 32));
  console.log(`SEED=${seed}`);
  const before = filesLeft().length;
  const { answers, wrong } = await sendBrokenRequests(emulator, COUNT, seed);
  console.log(JSON.stringify(answers));
  expect(wrong.slice(0, 3)).toEqual([]);
  // Most are refused; a few happen to be right.
  expect(answers["4"]).toBeGreaterThan(COUNT / 2);
  const stored = emulator.files.list().length;
  expect(filesLeft().length).toBeLessThanOrEqual(before + stored + 1);

  const headers = { authorization: "Bearer k", "api-key": "a-key" };
  const { openai, replicate, kie, oneai } = emulator.urls;
  const asked = [
    `${openai}/files`,
    `${replicate}/predictions`,
    `${kie}/api/v1/chat/credit`,
    `${oneai}/api/v0/pipeline/async/tasks/t`,
  ];
  const statuses = await Promise.all(asked.map(async (url) => (await fetch(url, { headers })).status));
  expect(statuses).toEqual([200, 200, 200, 404]);
});
