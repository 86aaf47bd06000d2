// In a page that was loaded again: the same file, picked anew, goes on where it stopped.
import { openai } from "@sluice/openai";
import { type UploadEvent, upload } from "@sluice/uploader";
import { indexedDbJournal } from "@sluice/uploader/browser";
import { expect, test } from "vitest";
import { ask, type LargeFile, openLarge } from "../harness/beside.ts";

const MIB = 1 << 20;

test("goes on after a reload of the page, where it stopped", async () => {
  const { url, urls } = JSON.parse(localStorage.getItem("emulator") ?? "{}") as {
    url: string;
    urls: { openai: string };
  };
  const client = openai({ apiKey: "any", baseUrl: urls.openai });
  const file = await ask<LargeFile>("/large-file");
  const events: UploadEvent[] = [];
  const reports: number[] = [];
  const { id } = await upload(await openLarge(), client.target({ purpose: "batch", filename: "large.jsonl" }), {
    partSize: 16 * MIB,
    concurrency: 2,
    journal: indexedDbJournal("large"),
    onEvent: (event) => void events.push(event),
    onProgress: ({ acknowledged }) => void reports.push(acknowledged),
  });
  expect(events).toContainEqual(expect.objectContaining({ type: "resume" }));
  expect(reports[0]).toBeGreaterThanOrEqual(256 * MIB);
  const stored = await (await fetch(`${url}/_sluice/files/${id}`)).json();
  expect(stored).toMatchObject({ size: file.size, sha256: file.sha256 });
  const requests = (await (await fetch(`${url}/_sluice/requests`)).json()) as { route: string }[];
  const parts = requests.filter(({ route }) => route === "uploads.parts.create").length;
  // At most those that were in flight have been sent twice.
  expect(parts).toBeLessThanOrEqual(file.size / (16 * MIB) + 2);
  await ask("/close", url);
});
