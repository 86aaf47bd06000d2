import { startEmulator } from "@sluice/emulator";
import { waitFor } from "@sluice/poller";
import { bytesSource } from "@sluice/source";
import type { Progress } from "@sluice/uploader";
import { expect, test } from "vitest";
import { oneai } from "./index.ts";

test("job gives the steps of a run, with plain JSON between them, and a key that tells inputs apart", async () => {
  await using emulator = await startEmulator({ oneai: { start: 5, run: 10 } });
  await using client = oneai({ apiKey: "a-key-of-tests", baseUrl: emulator.urls.oneai });
  const bytes = new Uint8Array(1_500_000).map((_, index) => index * 31);
  const input = bytesSource(bytes, { name: "talk.mp3", type: "audio/mpeg" });
  const job = client.job(["transcribe", "summarize"], input);
  const reports: Progress[] = [];
  const sent = await job.send({
    signal: new AbortController().signal,
    onProgress: (progress) => void reports.push(progress),
  });
  expect(reports.at(-1)).toMatchObject({ acknowledged: bytes.byteLength, total: bytes.byteLength });
  const started = JSON.parse(JSON.stringify(sent));
  expect(started).toEqual(sent);
  const { output } = await waitFor(job.task(started), { interval: 5 });
  expect(output.length).toBeGreaterThan(0);
  expect(emulator.files.get(started.id)?.size).toBe(bytes.byteLength);

  expect(client.job("summarize", "one text").key).not.toBe(client.job("summarize", "another").key);
  expect(client.job("summarize", input).key).not.toBe(job.key);
});
