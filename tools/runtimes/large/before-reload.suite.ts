// In a page: an upload of 1 GiB that is still under way when the page is loaded again.
import { startEmulator } from "@sluice/emulator";
import { openai } from "@sluice/openai";
import { upload } from "@sluice/uploader";
import { indexedDbJournal } from "@sluice/uploader/browser";
import { test } from "vitest";
import { openLarge } from "../harness/beside.ts";

const MIB = 1 << 20;

test("is under way, and written down, when the page goes", async () => {
  const emulator = await startEmulator();
  localStorage.setItem("emulator", JSON.stringify(emulator));
  const client = openai({ apiKey: "any", baseUrl: emulator.urls["openai"] });
  const source = await openLarge();
  await new Promise<void>((resolve, reject) => {
    upload(source, client.target({ purpose: "batch", filename: "large.jsonl" }), {
      partSize: 16 * MIB,
      concurrency: 2,
      journal: indexedDbJournal("large"),
      onProgress: ({ acknowledged }) => acknowledged >= 256 * MIB && resolve(),
    }).catch(reject);
  });
});
